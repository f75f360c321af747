/** What verify, info, rebuild, repair, replay and book say of a store on disk that is sound, and of one that is not. */
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { isLeft } from 'fp-ts/lib/Either.js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { encodeKeyframe } from '../../src/codec/keyframe.ts'
import { CHAIN_START } from '../../src/log/chain.ts'
import type { StreamId } from '../../src/market/instrument.ts'
import { StreamSealer } from '../../src/recorder/sealing/stream-sealer.ts'
import { BookKeeper } from '../../src/replay/keeper/book-keeper.ts'
import { openFileJournal } from '../../src/storage/journal/file-journal.ts'
import { openLmdbStore } from '../../src/storage/lmdb/lmdb-store.ts'
import { venueById } from '../../src/venues/registry.ts'
import { CommandRunner, type Ran } from '../support/command-runner.ts'
import { splitRecords } from '../support/entries.ts'
import { flipAt, spoil } from '../support/spoiled-store.ts'
import { recordsOfFixture, venueFixtures } from '../support/venue-fixtures.ts'

const COINBASE: StreamId = 'coinbase:BTC-USD'
const BITFINEX: StreamId = 'bitfinex:BTC-USD'
const runner = new CommandRunner()
const root = mkdtempSync(join(tmpdir(), 'bookreel-proof-'))
const sound = join(root, 'sound')
let folders = 0

const run = async (folder: string, command: string, ...words: readonly string[]): Promise<Ran> =>
  await runner.run(command, '--store', `file:${folder}`, ...words)

interface Told extends Ran {
  /** What the command printed with `--json`. */
  readonly value: Readonly<Record<string, unknown>>
}

const json = async (folder: string, command: string, ...words: readonly string[]): Promise<Told> => {
  const ran = await run(folder, command, ...words, '--json')
  return { ...ran, value: JSON.parse(ran.stdout) as Record<string, unknown> }
}

interface Proof {
  readonly problems: readonly { readonly kind: string; readonly seq: number }[]
}

interface Listed {
  readonly chunks: number
  readonly unreadable: readonly { readonly firstSeq: number }[]
}

interface Places {
  readonly first: readonly number[]
  readonly last: number
}

const places = new Map<StreamId, Places>()

/** A hand-written session in chunks of `size` entries, with a keyframe after the second one. */
const fill = async (stream: StreamId, fixture: string, size: number): Promise<void> => {
  const venue = venueById(stream.split(':')[0] ?? '')
  if (venue === undefined) throw new Error('no such venue')
  const session = venueFixtures(venue.id).find(({ name }) => name === fixture)
  const split = splitRecords(recordsOfFixture(session?.lines ?? []))
  const opened = await openLmdbStore(sound, { mode: 'write', create: true })()
  if (isLeft(opened)) throw new Error('not opened')
  const store = opened.right
  const start = { stream, chainSeq: 0, chainHead: CHAIN_START, keyframeSeq: 0, keyframeState: undefined }
  const sealer = new StreamSealer(venue, start)
  const keeper = new BookKeeper(venue)
  const first: number[] = []
  for (let at = 0; at < split.length; at += size) {
    const { chunk } = sealer.seal(Buffer.concat(split.slice(at, at + size)))
    const { lastSeq: seq, lastReceiveTime: receiveTime } = chunk.header
    keeper.applyRecords(Buffer.concat(split.slice(at, at + size)))
    first.push(chunk.header.firstSeq)
    if (isLeft(await store.append(chunk)())) throw new Error('not stored')
    if (first.length !== 2) continue
    const { decoderVersion } = venue
    const state = keeper.save()
    await store.putKeyframe(encodeKeyframe({ stream, seq, receiveTime, decoderVersion, state }))()
  }
  await store.close()
  places.set(stream, { first, last: split.length })
}

const copy = (): string => {
  const folder = join(root, String(++folders))
  cpSync(sound, folder, { recursive: true })
  return folder
}

const placesOf = (stream: StreamId): Places => {
  const found = places.get(stream)
  if (found === undefined) throw new Error('no such stream')
  return found
}

const chunkAt = (stream: StreamId, index: number): number => placesOf(stream).first[index] ?? 0

beforeAll(async () => {
  await fill(COINBASE, 'full-session', 8)
  await fill(BITFINEX, 'r0-session', 8)
})
afterAll(() => {
  runner.close()
  rmSync(root, { recursive: true, force: true })
})

describe('a sound store', () => {
  it('verifies, in one thread and in several, and prints heads that can be checked', async () => {
    const before = await run(sound, 'verify', '--workers', '2')
    const expected = before.code
    for (const workers of ['1', '9']) {
      const { code, stdout } = await run(sound, 'verify', '--workers', workers)
      expect(code).toBe(expected)
      expect(stdout).toBe(before.stdout)
    }
    const heads = [...before.stdout.matchAll(/head (\d+):([0-9a-f]{64})/g)]
    expect(heads.length).toBe(2)
    const [bitfinex] = heads
    expect((await run(sound, 'info', BITFINEX)).stdout).toContain(
      `head ${bitfinex?.[1] ?? ''}:${bitfinex?.[2] ?? ''}`,
    )
    const same = await run(sound, 'verify', BITFINEX, '--head', bitfinex?.[2] ?? '')
    expect(same.stdout).not.toContain('head-differs')
    const named = await run(
      sound,
      'verify',
      '--head',
      `${BITFINEX}=${bitfinex?.[1] ?? ''}:${bitfinex?.[2] ?? ''}`,
    )
    expect(named.stdout).not.toContain('head-differs')
    const other = await run(sound, 'verify', BITFINEX, '--head', 'a'.repeat(64))
    expect(other.code).toBe(3)
    expect(other.stdout).toContain('head-differs')
  })

  it.each([
    [['verify', '--head', 'a'.repeat(64)], /write STREAM=HEAD/],
    [['verify', COINBASE, '--head', 'abc'], /64 hexadecimal digits/],
    [['verify', COINBASE, '--head', `${BITFINEX}=${'a'.repeat(64)}`], /not verified here/],
    [['verify', '--workers', '0'], /whole number/],
    [['repair', 'nowhere'], /is no stream/],
  ])('refuses %j with one sentence', async ([command = '', ...words], expected) => {
    const { code, stderr } = await run(sound, command, ...words)
    expect(code).toBe(2)
    expect(stderr).toMatch(expected)
    expect(stderr.trim().split('\n').length).toBe(1)
  })

  it('needs no rebuild and no repair', async () => {
    const folder = copy()
    expect((await run(folder, 'rebuild')).stdout).toMatch(/judged by this version already/)
    expect((await run(folder, 'repair')).stdout).toMatch(/^Nothing is damaged/)
    const rebuilt = await run(folder, 'rebuild', '--all', '--json')
    const { streams } = JSON.parse(rebuilt.stdout) as { streams: { changed: number; rebuilt: number }[] }
    expect(streams.map(({ changed }) => changed)).toEqual([0, 0])
    expect(streams.every((stream) => stream.rebuilt > 2)).toBe(true)
  })

  it('tells a digest for each stream and day, the same for a compacted copy, and which days are incomplete', async () => {
    const told = await run(sound, 'info', '--digest')
    const lines = told.stdout.trim().split('\n')
    expect(lines).toHaveLength(2)
    for (const line of lines)
      expect(line).toMatch(
        /^(coinbase|bitfinex):BTC-USD \d{4}-\d\d-\d\d [0-9a-f]{64} \d+ entries; incomplete: the recording begins on this day, what is stored ends on this day$/,
      )
    const folder = copy()
    expect((await run(folder, 'compact')).code).toBe(0)
    expect((await run(folder, 'info', '--digest')).stdout).toBe(told.stdout)
    const { value } = await json(folder, 'info', COINBASE, '--digest')
    const [day] = value['days'] as readonly { readonly day: string; readonly digest: string }[]
    expect(told.stdout).toContain(`${COINBASE} ${day?.day ?? ''} ${day?.digest ?? ''} `)
    const alone = await run(folder, 'info', '--digest', '--day', day?.day ?? '', COINBASE)
    expect(lines).toContain(alone.stdout.trim())
    const none = await run(folder, 'info', '--digest', '--day', '2001-01-01')
    expect(none).toMatchObject({ code: 0, stdout: '', stderr: 'Nothing was received on 2001-01-01.\n' })
    const wrong = await run(folder, 'info', '--digest', '--day', 'today')
    expect(wrong.code).toBe(2)
    expect(wrong.stderr).toMatch(/--day "today" is no day/)
  })

  it('is not rebuilt or repaired while it is being recorded', async () => {
    const folder = copy()
    const journal = await openFileJournal(join(folder, 'journal'), COINBASE)()
    if (isLeft(journal)) throw new Error('no journal')
    for (const command of ['rebuild', 'repair']) {
      const { code, stderr } = await run(folder, command, COINBASE)
      expect(code).toBe(1)
      expect(stderr).toMatch(/is being recorded .*\.$/m)
    }
    await journal.right.close()
  })
})

describe('a damaged store', () => {
  it.each([
    ['a payload', 'payloads', flipAt(50)],
    ['a header', 'headers', flipAt(200)],
    ['a chunk that is gone', 'headers', () => undefined],
  ] as const)('tells of %s, is repaired, and goes on behind it', async (_what, table, change) => {
    const folder = copy()
    const seq = chunkAt(COINBASE, 2)
    await spoil(folder, table, [COINBASE, seq], change)
    const told = await json(folder, 'verify', '--workers', '1')
    expect(told.code).toBe(3)
    const [bitfinex, coinbase] = told.value['streams'] as readonly Proof[]
    const damage = coinbase?.problems.filter(({ kind }) => /damaged|missing/.test(kind))
    expect(damage?.map((problem) => problem.seq)).toEqual([seq])
    if (table === 'headers') {
      const [listed] = (await json(folder, 'info', COINBASE)).value['streams'] as readonly Listed[]
      const isGone = damage?.[0]?.kind === 'missing-entries'
      expect(listed?.unreadable.map(({ firstSeq }) => firstSeq)).toEqual(isGone ? [] : [seq])
      expect(listed?.chunks).toBe(placesOf(COINBASE).first.length - 1)
      const { stdout } = await run(folder, 'info')
      expect(stdout.includes(`damaged at entry ${String(seq)}`)).toBe(!isGone)
    }
    const digests = await run(folder, 'info', COINBASE, '--digest')
    const isAbsent = damage?.[0]?.kind === 'missing-entries'
    expect(digests.code).toBe(isAbsent ? 0 : 1)
    if (isAbsent)
      expect(digests.stdout).toContain(`entries ${String(seq)} to ${String(seq + 7)} are missing (absent)`)
    const asked = await run(folder, 'repair')
    expect(asked.code).toBe(1)
    expect(asked.stderr).toMatch(/Nothing was changed: add --yes/)
    expect((await json(folder, 'verify', '--workers', '1')).stdout).toBe(told.stdout)
    const repaired = await run(folder, 'repair', '--yes')
    expect(repaired.code).toBe(0)
    expect(repaired.stdout).toContain(`a hole from entry ${String(seq)} to ${String(seq + 7)} is noted`)
    const after = await json(folder, 'verify', '--workers', '1')
    expect(after.code).toBe(3)
    const [, again] = after.value['streams'] as readonly Proof[]
    expect(again?.problems.filter(({ kind }) => kind === 'quarantined')).toMatchObject([{ seq }])
    expect(again?.problems.filter(({ kind }) => /damaged|missing|chain/.test(kind))).toEqual([])
    expect(bitfinex).toBeDefined()
    expect((await run(folder, 'verify', COINBASE)).stdout).toMatch(
      /\d+ entries right behind a hole are not covered by the chain/,
    )
    expect((await run(folder, 'replay')).code).toBe(0)
    expect((await run(folder, 'export', 'frames', COINBASE)).code).toBe(0)
    const book = await json(folder, 'book', COINBASE, '--at', `seq:${String(seq + 3)}`)
    expect(book.value).toMatchObject({ valid: false, reason: 'missing-entries', seq: seq + 3 })
    const info = await json(folder, 'info', COINBASE)
    const { last } = placesOf(COINBASE)
    expect(info.value['streams']).toMatchObject([
      {
        lastSeq: 1024,
        holes: [
          { kind: 'damaged', firstSeq: seq, lastSeq: seq + 7 },
          { kind: 'unused', firstSeq: last + 1, lastSeq: 1024 },
        ],
      },
    ])
    expect((await run(folder, 'repair')).stdout).toMatch(/^Nothing is damaged/)
    expect((await run(folder, 'rebuild', '--all')).code).toBe(0)
  })

  it('tells of a damaged keyframe, seeks from an earlier place, and is put right by a rebuild', async () => {
    for (const table of ['keyframes', 'keyframe-refs'] as const) {
      const folder = copy()
      const seq = chunkAt(COINBASE, 2) - 1
      const at = ['book', COINBASE, '--at', `seq:${String(seq + 5)}`] as const
      const expected = await json(folder, ...at)
      await spoil(folder, table, [COINBASE, seq], flipAt(90))
      const told = await run(folder, 'verify', COINBASE)
      expect(told.code).toBe(3)
      expect(told.stdout).toContain(`keyframe-differs at entry ${String(seq)}`)
      expect((await json(folder, ...at)).stdout).toBe(expected.stdout)
      expect((await run(folder, 'rebuild')).code).toBe(0)
      expect((await run(folder, 'verify', COINBASE)).stdout).not.toContain('keyframe-differs')
    }
  })

  it('tells of two chunks in exchanged places, and of one cut off', async () => {
    const folder = copy()
    const [one, other] = [chunkAt(BITFINEX, 1), chunkAt(BITFINEX, 2)]
    let payload: Uint8Array = new Uint8Array()
    await spoil(folder, 'payloads', [BITFINEX, one], (bytes) => (payload = bytes))
    await spoil(folder, 'payloads', [BITFINEX, other], () => payload)
    const { stdout } = await run(folder, 'verify', BITFINEX)
    expect(stdout).toContain(`damaged-chunk at entry ${String(other)}`)
    const cut = copy()
    const head = /head (\d+:[0-9a-f]{64})/.exec((await run(cut, 'verify', BITFINEX)).stdout)?.[1] ?? ''
    const last = placesOf(BITFINEX).first.at(-1) ?? 0
    await spoil(cut, 'headers', [BITFINEX, last], () => undefined)
    expect((await run(cut, 'verify', BITFINEX)).stdout).not.toContain('head-differs')
    const checked = await run(cut, 'verify', BITFINEX, '--head', head)
    expect(checked.code).toBe(3)
    expect(checked.stdout).toMatch(/head-differs .* its end is missing/)
  })
})
