/**
 * `npm run notebooks:data`: makes the recordings that the notebooks read, and their exports, in `docs/notebooks/data/`. What is
 * there already is not made again. `node make-data.mjs NAME FOLDER` makes one of the recordings elsewhere.
 */
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'

import { runCommandLine } from '../../dist/src/cli/command-line.js'
import { microsFromIso, openStore, venueById } from '../../dist/src/index.js'
import { CHAIN_START } from '../../dist/src/log/chain.js'
import { StreamSealer } from '../../dist/src/recorder/sealing/stream-sealer.js'
import { bitfinexFeed, coinbaseFeed } from './simulated-feeds.mjs'

const FOLDER = import.meta.dirname
const FEEDS = { coinbase: coinbaseFeed, bitfinex: bitfinexFeed }
/** Entries of a chunk. */
const BATCH = 100_000

const print = (line) => void process.stdout.write(`${line}\n`)

const instant = (text) => {
  const found = microsFromIso(text)
  if (found === undefined) throw new Error(`no instant: ${text}`)
  return found
}

/** `rate`: engine events a second; `lag`: microseconds that the venue's traders see the fair price late; `at`, `lasts`: seconds. */
const RECORDINGS = {
  day: {
    common: { pair: 'BTC-USD', seed: 20, preset: 'busy', rate: 6, orders: 1500, startTime: instant('2025-03-03T00:00:00Z'), seconds: 86_400 },
    streams: {
      coinbase: {
        interruptions: [
          { kind: 'disconnect', at: 6.2 * 3600, lasts: 1260 },
          { kind: 'lost-frame', at: 13.6 * 3600 },
          { kind: 'disconnect', at: 17.9 * 3600, lasts: 360 },
        ],
      },
    },
  },
  'half-hour': {
    common: { pair: 'BTC-USD', seed: 7, preset: 'busy', rate: 120, orders: 1500, startTime: instant('2025-03-04T14:00:00Z'), seconds: 1800 },
    streams: {
      coinbase: {},
      bitfinex: { lag: 300_000, interruptions: [{ kind: 'lost-frame', at: 1100 }] },
    },
  },
  minutes: {
    common: { pair: 'BTC-USD', seed: 3, preset: 'busy', rate: 60, orders: 600, startTime: instant('2025-03-05T23:58:00Z'), seconds: 240 },
    streams: {
      coinbase: { interruptions: [{ kind: 'disconnect', at: 40, lasts: 10 }, { kind: 'lost-frame', at: 90 }] },
      bitfinex: { lag: 300_000, interruptions: [{ kind: 'lost-frame', at: 70 }] },
    },
  },
  backtest: {
    common: { pair: 'BTC-USD', seed: 5, preset: 'busy', rate: 60, orders: 600, startTime: instant('2025-03-06T12:00:00Z'), seconds: 240 },
    streams: {
      coinbase: { interruptions: [{ kind: 'disconnect', at: 40, lasts: 10 }] },
      bitfinex: { interruptions: [{ kind: 'lost-frame', at: 50 }] },
    },
  },
} // prettier-ignore

/** What the notebooks open: a name, the recording, and the words of the export. */
const EXPORTS = [
  ['day-books', 'day', 'books --every 10s --levels 25'],
  ['day-trades', 'day', 'trades'],
  ['day-bars', 'day', 'bars --every 15m'],
  ['day-quality', 'day', 'quality'],
  ['events', 'half-hour', 'events'],
  ['books', 'half-hour', 'books --every 100ms --levels 10'],
  ['tops', 'half-hour', 'books --every change --levels 1'],
  ['trades', 'half-hour', 'trades'],
]

const rightOf = async (task) => {
  const done = await task()
  if (done._tag === 'Left') throw new Error(JSON.stringify(done.left))
  return done.right
}

const storeFeed = async (store, venue, options) => {
  const stream = `${venue}:${options.pair}`
  const start = { chainSeq: 0, chainHead: CHAIN_START, keyframeSeq: 0, keyframeState: undefined }
  const sealer = new StreamSealer(venueById(venue), { stream, ...start })
  let entries = 0
  for (const records of FEEDS[venue]({ ...options, batch: BATCH })) {
    const { chunk, keyframes } = sealer.seal(records)
    await rightOf(store.append(chunk))
    for (const keyframe of keyframes) await rightOf(store.putKeyframe(keyframe))
    entries += chunk.header.entries
  }
  return entries
}

/** The store takes its name when it is complete. */
const makeRecording = async (name, folder) => {
  const { common, streams } = RECORDINGS[name]
  const partial = `${folder}.partial`
  rmSync(partial, { recursive: true, force: true })
  mkdirSync(path.dirname(folder), { recursive: true })
  const store = await rightOf(openStore(`file:${partial}`, 'write'))
  const counts = []
  for (const [venue, own] of Object.entries(streams))
    counts.push(
      `${venue}:${common.pair} ${String(await storeFeed(store, venue, { ...common, ...own }))} entries`,
    )
  await store.close()
  renameSync(partial, folder)
  return counts.join(', ')
}

/** In this process: loading the commands takes its time, once. */
const exportTo = async (store, words, out) => {
  const { argv } = process
  process.argv = ['node', 'bookreel', 'export', ...words.split(' '), '--store', `file:${store}`, '--out', out]
  const write = process.stderr.write
  let told = ''
  process.stderr.write = (text) => ((told += text), true)
  process.exitCode = undefined
  await runCommandLine()
  process.stderr.write = write
  process.argv = argv
  if (process.exitCode !== undefined) throw new Error(told)
}

const makeAll = async () => {
  const data = path.join(FOLDER, 'data')
  for (const name of ['day', 'half-hour']) {
    const folder = path.join(data, name)
    if (!existsSync(folder)) await makeRecording(name, folder)
  }
  for (const [name, recording, words] of EXPORTS) {
    const out = path.join(data, name)
    if (existsSync(path.join(out, 'complete'))) continue
    rmSync(out, { recursive: true, force: true })
    await exportTo(path.join(data, recording), words, out)
    writeFileSync(path.join(out, 'complete'), '')
  }
  print('The recordings and their exports are in docs/notebooks/data.')
}

const [name, folder] = process.argv.slice(2)
if (name === undefined) await makeAll()
else if (folder === undefined || !Object.hasOwn(RECORDINGS, name))
  throw new Error(`give a name of ${Object.keys(RECORDINGS).join(', ')}, and a folder`)
else print(await makeRecording(name, path.resolve(folder)))
// The simulated venues keep heartbeats that nobody needs any more.
process.exit(0)
