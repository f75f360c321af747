/** `bookreel verify`: proves what is stored, changes nothing. */
import { availableParallelism } from 'node:os'

import type { CommandModule } from 'yargs'

import { verifyStreams } from '../../app/archive/verify-streams.ts'
import type { StreamId } from '../../market/instrument.ts'
import { type ExpectedHead, parseExpectedHead } from '../../replay/proof/expected-head.ts'
import type { StreamProof } from '../../replay/proof/verify.ts'
import { storeProblem, streamNamed, streamsOf, withStoreAt } from '../archive.ts'
import { countOf, withStore } from '../options.ts'
import { print, printJson } from '../printing/output.ts'
import { newProgress } from '../printing/progress.ts'
import { EXIT, usageProblem } from '../problem.ts'

interface VerifyArguments {
  store: string
  json: boolean
  streams: string[] | undefined
  head: string[] | undefined
  workers: number | undefined
}

const MOST_LISTED = 20

const plural = (count: number, what: string): string => `${String(count)} ${what}${count === 1 ? '' : 's'}`

const tellProof = (proof: StreamProof): void => {
  const { stream, entries, chunks, keyframes, problems, holes, unproven, outdated, ok } = proof
  const extent = `${String(entries)} entries, ${plural(chunks, 'chunk')}, ${plural(keyframes, 'keyframe')}`
  print(`${ok ? 'ok     ' : 'PROBLEM'} ${stream}: ${extent}`)
  if (proof.head !== '') print(`        head ${String(proof.lastSeq)}:${proof.head}`)
  for (const { kind, seq, detail } of problems.slice(0, MOST_LISTED))
    print(`        ${kind} at entry ${String(seq)}: ${detail}`)
  const more = problems.length - MOST_LISTED + proof.furtherProblems
  if (more > 0) print(`        … and ${String(more)} more (--json)`)
  for (const { kind, firstSeq, lastSeq } of holes
    .filter((hole) => hole.kind !== 'damaged')
    .slice(0, MOST_LISTED))
    print(`        ${kind}: entries ${String(firstSeq)} to ${String(lastSeq)}`)
  if (unproven > 0)
    print(
      `        ${String(unproven)} entries right behind a hole are not covered by the chain, only by checksums`,
    )
  if (outdated.chunks + outdated.keyframes > 0) {
    const what = `${plural(outdated.chunks, 'chunk')} and ${plural(outdated.keyframes, 'keyframe')}`
    print(
      `        ${what} judged by another version of the decoder: "bookreel rebuild ${stream}" judges anew`,
    )
  }
}

/** `STREAM=HEAD`, or HEAD alone where one stream is verified. */
const expectedHeads = (
  texts: readonly string[],
  streams: readonly StreamId[],
): ReadonlyMap<StreamId, ExpectedHead> => {
  const heads = new Map<StreamId, ExpectedHead>()
  for (const text of texts) {
    const sign = text.lastIndexOf('=')
    const [only] = streams
    if (sign < 0 && (only === undefined || streams.length > 1))
      throw usageProblem(
        `--head "${text}" does not say of which stream: write STREAM=HEAD, or name one stream.`,
      )
    const stream = sign < 0 ? only : streamNamed(text.slice(0, sign)).stream
    const expected = parseExpectedHead(text.slice(sign + 1))
    if (expected === undefined)
      throw usageProblem(
        `--head "${text}" is no head: give its 64 hexadecimal digits, or ENTRY:HEAD as verify prints it.`,
      )
    if (stream === undefined || !streams.includes(stream))
      throw usageProblem(`--head "${text}" names a stream that is not verified here.`)
    if (heads.has(stream)) throw usageProblem(`--head was given twice for ${stream}: give it once.`)
    heads.set(stream, expected)
  }
  return heads
}

const verify = async ({
  store: url,
  json,
  streams: names,
  head,
  workers,
}: VerifyArguments): Promise<void> => {
  const most = workers === undefined ? availableParallelism() : countOf('workers', workers)
  let total = 0
  const streams = await withStoreAt(url, 'read', async (store) => {
    const found = (await streamsOf(store, names ?? [])).map(({ stream }) => stream)
    for (const stream of found)
      total += (await store.headers(stream).catch(() => [])).reduce((sum, { entries }) => sum + entries, 0)
    return found
  })
  const heads = expectedHeads(head ?? [], streams)
  const progress = newProgress('verify', total, 'entries')
  const tasks = streams.map((stream) => ({ stream, expected: heads.get(stream) }))
  let proofs: readonly StreamProof[]
  try {
    proofs = await verifyStreams(url, tasks, most, progress.add)
  } finally {
    progress.stop()
  }
  const ok = proofs.every((proof) => proof.ok)
  if (json) printJson({ ok, streams: proofs })
  else if (proofs.length === 0) print('The store is empty: nothing to verify.')
  else proofs.forEach(tellProof)
  if (!ok) process.exitCode = EXIT.damage
}

export const verifyCommand: CommandModule<unknown, VerifyArguments> = {
  command: 'verify [streams..]',
  describe: 'Prove what is stored: hashes, chain, order, books, keyframes; exit 3 on damage or gaps',
  builder: (command) =>
    withStore(
      command.positional('streams', { type: 'string', array: true, describe: 'Streams; all if left out' }),
    )
      .option('head', {
        type: 'string',
        array: true,
        requiresArg: true,
        describe:
          'A head printed earlier, as [STREAM=][ENTRY:]HEAD: shows a tail cut off and entries changed',
      })
      .option('workers', {
        type: 'number',
        requiresArg: true,
        describe: 'Streams verified at once [as many as there are cores]',
      })
      .example('$0 verify', 'every stream of ./bookreel-data')
      .example('$0 verify bitfinex:BTC-USD --json', 'one stream, for machines')
      .example(
        '$0 verify bitfinex:BTC-USD --head 3821:9f2c…',
        'is entry 3821 still the end of the same entries?',
      ),
  handler: async (args) => {
    await verify(args).catch(storeProblem)
  },
}
