/**
 * One recorder into MongoDB, killed, cut off and left without its server at random, and one into an embedded store beside
 * it that nothing happens to: at the end both hold the same book, and the first one's log is whole. BOOKREEL_MONGO_ROUNDS
 * sets the number of misfortunes, BOOKREEL_MONGO_SEED which.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { expect, it, onTestFinished } from 'vitest'

import { type FrameServer, startFrameServer } from '../support/frame-server.ts'
import { MONGO_FAULTS, MongoProxy } from '../support/mongo-proxy.ts'
import { findMongo } from '../support/mongo-server/mongo-server.ts'
import { primeDatabase } from '../support/primed-database.ts'
import { CommandProcess, runCommand, until } from '../support/recorder-process.ts'
import { randomFrom } from '../support/seeded-random.ts'

const STREAM = 'bitfinex:BTC-USD'
const ROUNDS = Number(process.env['BOOKREEL_MONGO_ROUNDS'] ?? 6)
const SEED = Number(process.env['BOOKREEL_MONGO_SEED'] ?? 1)
const ROUND_LIMIT = 60_000
/** Enough for a chunk of its own. */
const LARGE_FRAME = `["${'x'.repeat(17 * 1024 * 1024)}"]`
const MISFORTUNES = ['server', 'recorder', 'connection', 'faults', 'both'] as const
/** Above every other bid, below the one ask. */
const LAST_BID = 100.5

const source = await findMongo()

interface StoredEntry {
  readonly seq: number
  readonly kind: string
  readonly text: string
  readonly connection: number
}

const record = (venue: FrameServer, path: string, ...words: string[]): CommandProcess => {
  const endpoints = ['--endpoint', `bitfinex.ws=${venue.url}${path}`, '--endpoint', `bitfinex.rest=${venue.rest}`] // prettier-ignore
  return new CommandProcess(['record', 'BTC-USD', '--venue', 'bitfinex', '--json', ...endpoints, ...words])
}

const connectionsAt = (venue: FrameServer, path: string) =>
  venue.histories.filter((history) => history.path === path)

const outputOf = async (...words: string[]): Promise<string> => {
  const { code, stdout, stderr } = await runCommand(...words)
  expect({ words, code, stderr }).toEqual({ words, code: 0, stderr: '' })
  return stdout
}

const entriesOf = async (store: string): Promise<readonly StoredEntry[]> =>
  (await outputOf('export', 'frames', STREAM, '--store', store))
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as StoredEntry)

/** Seqs without holes; of each connection what was sent, from its first frame on, each frame once and in order. */
const expectWhole = (entries: readonly StoredEntry[], venue: FrameServer, path: string): void => {
  expect(entries.map(({ seq }) => seq)).toEqual(entries.map((_entry, index) => index + 1))
  const stored = new Map<number, string[]>()
  for (const { kind, connection, text } of entries)
    if (kind === 'frame') stored.set(connection, [...(stored.get(connection) ?? []), text])
  const histories = connectionsAt(venue, path)[Symbol.iterator]()
  for (const frames of stored.values()) {
    // A connection of which nothing was written before the recorder was killed is passed over.
    let sent: readonly string[] | undefined
    do sent = histories.next().value?.frames.map(String)
    while (sent !== undefined && !frames.every((frame, index) => frame === sent?.[index]))
    expect(sent?.slice(0, frames.length)).toEqual(frames)
  }
  expect(stored.size).toBeGreaterThan(0)
}

const digestOf = async (store: string): Promise<string> => {
  const told = JSON.parse(await outputOf('replay', STREAM, '--store', store, '--json')) as {
    streams: { digest: string }[]
  }
  return told.streams[0]?.digest ?? 'none'
}

it.skipIf(source?.isOurs !== true)(
  `holds what the embedded store holds after ${String(ROUNDS)} misfortunes (${source?.name ?? 'no server, no Go'})`,
  async () => {
    const mongo = await source?.start()
    if (mongo === undefined) throw new Error('no server')
    const folder = mkdtempSync(join(tmpdir(), 'bookreel-chaos-'))
    const venue = await startFrameServer()
    const proxy = await MongoProxy.start(mongo.host)
    const withPatience = (url: string): string =>
      `${url}${url.includes('?') ? '&' : '?'}serverSelectionTimeoutMS=500`
    const url = withPatience(mongo.newUrl(proxy.host))
    await primeDatabase(url)
    const random = randomFrom(SEED)
    const pick = (below: number): number => Math.floor(random() * below)
    const start = (): CommandProcess =>
      record(venue, '/mongo', '--store', url, '--spool', join(folder, 'spool'))
    let one = start()
    const embedded = `file:${join(folder, 'store')}`
    const other = record(venue, '/embedded', '--store', embedded)
    onTestFinished(async () => {
      one.killGroup('SIGKILL')
      other.killGroup('SIGKILL')
      await Promise.all([one.ended, other.ended])
      await proxy.close()
      await mongo.close()
      await venue.close()
      rmSync(folder, { recursive: true, force: true })
    })
    await other.untilStatus(({ valid }) => valid)

    const done = new Map<string, number>()
    for (let round = 0; round < ROUNDS; round++) {
      await one.untilStatus(({ valid }) => valid)
      for (let change = pick(40); change >= 0; change--) {
        const id = 1000 + pick(40)
        venue.broadcast([id, random() < 0.2 ? 0 : 80 + pick(17), 1])
      }
      // A chunk that is sealed while it happens.
      if (random() < 0.6) venue.send(LARGE_FRAME)
      const what = MISFORTUNES[pick(MISFORTUNES.length)] ?? 'server'
      done.set(what, (done.get(what) ?? 0) + 1)
      proxy.nextFault = () =>
        what === 'faults' && random() < 0.2 ? MONGO_FAULTS[pick(MONGO_FAULTS.length)] : undefined
      if (what === 'connection') proxy.cutAll()
      if (what === 'server' || what === 'both') await mongo.kill()
      if (what === 'recorder' || what === 'both') {
        const { lastSeq = 0 } = one.status[0] ?? {}
        one.killGroup('SIGKILL')
        await one.ended
        if (what === 'both') await mongo.restart()
        const connections = connectionsAt(venue, '/mongo').length
        one = start()
        await until(
          () => connectionsAt(venue, '/mongo').length > connections,
          () => one.stderr,
        )
        // What a status line said was journaled is not numbered anew.
        await one.untilStatus((line) => line.lastSeq > lastSeq)
      } else if (what === 'server') await mongo.restart()
    }

    proxy.nextFault = () => undefined
    await one.untilStatus(({ valid }) => valid)
    venue.broadcast([1, LAST_BID, 1])
    for (const recorder of [one, other]) {
      await recorder.untilStatus(({ bestBid }) => bestBid === String(LAST_BID))
      recorder.kill('SIGINT')
      expect((await recorder.ended).code).toBe(130)
    }
    const store = url
    const entries = await entriesOf(store)
    expectWhole(entries, venue, '/mongo')
    expectWhole(await entriesOf(embedded), venue, '/embedded')
    expect(await runCommand('verify', STREAM, '--store', store)).toMatchObject({ code: 0 })
    expect(await digestOf(store)).toBe(await digestOf(embedded))
    const runs = entries.filter(({ kind }) => kind === 'run-started').length
    expect(runs).toBe(1 + (done.get('recorder') ?? 0) + (done.get('both') ?? 0))
  },
  120_000 + ROUNDS * ROUND_LIMIT,
)
