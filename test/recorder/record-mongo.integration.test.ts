/** Recording into a MongoDB store whose server is away for a while: what waits is journaled, and arrives once, in order. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'

import { type FrameServer, startFrameServer } from '../support/frame-server.ts'
import { findMongo, type MongoServer } from '../support/mongo-server/mongo-server.ts'
import { primeDatabase } from '../support/primed-database.ts'
import { CommandProcess, runCommand, until } from '../support/recorder-process.ts'

const STREAM = 'bitfinex:BTC-USD'
/** Enough for a chunk of its own. */
const LARGE_FRAME = `["${'x'.repeat(17 * 1024 * 1024)}"]`
const ROUNDS = Number(process.env['BOOKREEL_MONGO_RECORD_ROUNDS'] ?? 2)

const source = await findMongo()
let mongo: MongoServer
let folder = ''
let store = ''
let venue: FrameServer
let recorder: CommandProcess | undefined

const record = (...words: string[]): CommandProcess => {
  const endpoints = ['--endpoint', `bitfinex.ws=${venue.url}`, '--endpoint', `bitfinex.rest=${venue.rest}`]
  const where = ['--store', store, '--spool', join(folder, 'spool'), '--json']
  recorder = new CommandProcess([
    'record',
    'BTC-USD',
    '--venue',
    'bitfinex',
    ...where,
    ...endpoints,
    ...words,
  ])
  return recorder
}

const untilClient = async (count: number): Promise<void> => {
  await until(
    () => venue.clients.length >= count,
    () => `client ${String(count)} subscribes; ${recorder?.stderr ?? ''}`,
  )
}

const sendOrders = async (count: number): Promise<void> => {
  for (let order = 0; order < count; order++) await venue.sendOrder()
}

/** Stops a recorder and gives what it printed. */
const stopped = async (running: CommandProcess, code = 130): Promise<string> => {
  running.kill('SIGINT')
  const ended = await running.ended
  expect({ code: ended.code, stderr: ended.stderr }).toMatchObject({ code })
  return ended.stderr
}

interface ExportedEntry {
  readonly seq: number
  readonly kind: string
  readonly text: string
}

/** Seqs have no holes; hashes, chain and books agree. Gives the entries. */
const provedEntries = async (): Promise<readonly ExportedEntry[]> => {
  const { code, stdout, stderr } = await runCommand('export', 'frames', STREAM, '--store', store)
  expect({ code, stderr }).toMatchObject({ code: 0 })
  const entries = stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as ExportedEntry)
  expect(entries.map(({ seq }) => seq)).toEqual(entries.map((_entry, index) => index + 1))
  expect(await runCommand('verify', STREAM, '--store', store)).toMatchObject({ code: 0 })
  return entries
}

/** Every frame that was sent is stored once, in order, byte for byte. */
const expectAllStored = async (): Promise<void> => {
  const frames = (await provedEntries()).filter(({ kind }) => kind === 'frame')
  expect(frames.length).toBe(venue.sent.length)
  expect(frames.every(({ text }, index) => text === venue.sent[index]?.toString())).toBe(true)
}

describe.skipIf(source?.isOurs !== true)(
  `record into MongoDB (${source?.name ?? 'no server, no Go'})`,
  () => {
    beforeAll(async () => {
      if (source !== undefined) mongo = await source.start()
    })
    afterAll(async () => {
      await mongo.close()
    })
    beforeEach(async () => {
      folder = mkdtempSync(join(tmpdir(), 'bookreel-record-mongo-'))
      const url = mongo.newUrl()
      store = `${url}${url.includes('?') ? '&' : '?'}serverSelectionTimeoutMS=500`
      await primeDatabase(store)
      venue = await startFrameServer()
    })
    afterEach(async () => {
      recorder?.killGroup('SIGKILL')
      await recorder?.ended
      recorder = undefined
      await venue.close()
      rmSync(folder, { recursive: true, force: true })
    })

    it('in mode light has pairs come and go, one at once again, and the one that stays keeps its run', async () => {
      const config = join(folder, 'recorder.json')
      const write = (...pairs: readonly string[]): void => {
        const endpoint = [`bitfinex.ws=${venue.url}`, `bitfinex.rest=${venue.rest}`]
        const settings = { mode: 'light', pairs, venue: ['bitfinex'], endpoint, json: true }
        writeFileSync(config, JSON.stringify({ ...settings, spool: join(folder, 'spool') }))
      }
      write('BTC-USD', 'ETH-USD')
      const running = new CommandProcess(['record', '--config', config, '--store', store])
      recorder = running
      const reload = async (said: RegExp): Promise<void> => {
        running.kill('SIGHUP')
        await until(
          () => said.test(running.stderr),
          () => running.stderr,
        )
      }
      const untilValid = async (count: number): Promise<void> => {
        await until(
          () => running.status.length === count && running.status.every(({ valid }) => valid),
          () => `${String(count)} streams are valid: ${running.stderr}`,
        )
      }
      await untilValid(2)
      write('BTC-USD')
      await reload(/removed ETH-USD\./)
      write('BTC-USD', 'ETH-USD', 'LTC-USD')
      await reload(/added ETH-USD, LTC-USD\./)
      await untilClient(4)
      await untilValid(3)
      expect(running.children().length).toBe(1)
      await stopped(running)
      const names = ['BTC-USD', 'ETH-USD', 'LTC-USD'].map((pair) => `bitfinex:${pair}`)
      const { code, stdout, stderr } = await runCommand('info', ...names, '--json', '--store', store)
      expect({ code, stderr }).toMatchObject({ code: 0 })
      const { streams } = JSON.parse(stdout) as {
        readonly streams: readonly { readonly stream: string; readonly runs: number }[]
      }
      expect(streams.map(({ stream, runs }) => [stream, runs])).toEqual([
        ['bitfinex:BTC-USD', 1],
        ['bitfinex:ETH-USD', 2],
        ['bitfinex:LTC-USD', 1],
      ])
      expect(await runCommand('verify', ...names, '--store', store)).toMatchObject({ code: 0 })
    })

    it('goes on while the server is down, and stores what waited when it is back', async () => {
      const running = record()
      await untilClient(1)
      await sendOrders(200)
      venue.send(LARGE_FRAME)
      await running.untilStatus(({ lastSeq, spooledChunks }) => lastSeq > 203 && spooledChunks === 0)
      await mongo.kill()
      for (let burst = 0; burst < 3; burst++) {
        await sendOrders(100)
        venue.send(LARGE_FRAME)
      }
      await running.untilStatus(({ spooledChunks }) => spooledChunks >= 3)
      // An attempt that still runs when the server is back succeeds, and says nothing.
      await until(
        () => running.stderr.includes('Entries wait in the journal'),
        () => `an attempt fails; ${running.stderr}`,
      )
      await mongo.restart()
      await running.untilStatus(({ spooledChunks }) => spooledChunks === 0)
      await sendOrders(10)
      const told = await stopped(running)
      expect(told).toMatch(/Entries wait in the journal/)
      expect(told).not.toMatch(/^\s+at /m)
      expect(running.status[0]).toMatchObject({
        state: 'stopped',
        gaps: 0,
        sealMismatches: 0,
        spooledChunks: 0,
      })
      await expectAllStored()
    })

    it('keeps what could not be stored when it is stopped, and stores it at the next start', async () => {
      const running = record()
      await untilClient(1)
      await running.untilStatus(({ valid }) => valid)
      await mongo.kill()
      await sendOrders(300)
      expect(await stopped(running)).toMatch(/kept in the journal, the next start stores them/)
      await mongo.restart()
      const second = record()
      await untilClient(2)
      await second.untilStatus(({ valid }) => valid)
      await stopped(second)
      await expectAllStored()
    })

    it('stores what modes light and snapshot record, while the server is away and after a kill', async () => {
      const light = record('--mode', 'light')
      await untilClient(1)
      await sendOrders(50)
      await light.untilStatus(({ valid, lastSeq }) => valid && lastSeq > 53)
      await mongo.kill()
      await sendOrders(50)
      const sent = venue.sent.length
      // No chunk waits for the store yet.
      await light.untilStatus(({ lastSeq, storeAway }) => lastSeq > sent + 2 && storeAway !== null)
      light.killGroup('SIGKILL')
      await light.ended
      await mongo.restart()
      const sampling = record('--mode', 'snapshot', '--interval', '100ms', '--depth', '5')
      await untilClient(2)
      await sampling.untilStatus(({ valid, entries }) => valid && entries > 5)
      expect(await stopped(sampling)).toMatch(/The last run did not end by itself/)
      expect(sampling.status[0]).toMatchObject({ mode: 'snapshot', spooledChunks: 0, gaps: 0 })
      const entries = await provedEntries()
      const frames = entries.filter(({ kind }) => kind === 'frame').map(({ text }) => text)
      expect(frames.length).toBeGreaterThan(50)
      expect(frames).toEqual(venue.sent.slice(0, frames.length).map(String))
      const samples = entries.filter(({ kind }) => kind === 'sample')
      expect(samples.some(({ text }) => /"bidPrices":\[\d/.test(text))).toBe(true)
    })

    it.each(Array.from({ length: ROUNDS }, (_none, round) => round + 1))(
      'loses and repeats nothing when server and recorder are killed in any order (%i)',
      async () => {
        let clients = 0
        for (const first of ['server', 'recorder', 'both'] as const) {
          const running = record()
          await untilClient(++clients)
          venue.send(LARGE_FRAME)
          await sendOrders(Math.floor(Math.random() * 300))
          if (first !== 'recorder') await mongo.kill()
          venue.send(LARGE_FRAME)
          await sendOrders(50)
          // The last frame shows as the best bid, higher in each run.
          venue.broadcast([13, 100 + clients / 10, 1])
          const sent = venue.sent.length
          const best = `100.${String(clients)}`
          await running.untilStatus(({ bestBid, lastSeq }) => bestBid === best && lastSeq > sent + 2)
          if (first === 'both') void mongo.restart()
          running.killGroup('SIGKILL')
          await running.ended
          if (first === 'recorder') await mongo.kill()
          if (first !== 'both') await mongo.restart()
        }
        const last = record()
        await untilClient(++clients)
        await last.untilStatus(({ valid }) => valid)
        await stopped(last)
        await expectAllStored()
      },
    )

    it('ends a stream cleanly when its spool is full, and stores what waited later', async () => {
      const running = record('--spool-limit', '30MB')
      await untilClient(1)
      await running.untilStatus(({ valid }) => valid)
      await mongo.kill()
      for (let large = 0; large < 3; large++) venue.send(LARGE_FRAME)
      const { code, stderr } = await running.ended
      expect(code).toBe(1)
      expect(stderr).toMatch(
        /bookreel: bitfinex:BTC-USD: .*the spool is full \(--spool-limit, 30 MB\)[^\n]*\n/,
      )
      await mongo.restart()
      const second = record()
      await untilClient(2)
      await second.untilStatus(({ valid }) => valid)
      await stopped(second)
      await expectAllStored()
    })
  },
)
