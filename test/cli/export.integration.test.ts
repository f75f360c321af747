/** `bookreel export` as it is typed: what is written, said and left behind, whatever goes wrong meanwhile. */
import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs' // prettier-ignore
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { isLeft } from 'fp-ts/lib/Either.js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { openStore } from '../../src/app/production.ts'
import { bitfinexVenue } from '../../src/venues/bitfinex/venue.ts'
import { coinbaseVenue } from '../../src/venues/coinbase/venue.ts'
import { builtFile } from '../support/built.ts'
import { CommandRunner, type Ran } from '../support/command-runner.ts'
import { readArrow, readJsonLines, readParquet } from '../support/exported-tables.ts'
import { generatedFeed } from '../support/generated-feeds.ts'
import { readNpz } from '../support/npz.ts'
import { CommandProcess, until } from '../support/recorder-process.ts'
import { fillStore } from '../support/stored-streams.ts'

const FULL = 'coinbase:BTC-USD'

let folder = ''
let store = ''
let runner: CommandRunner

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'bookreel-exported-'))
  store = `file:${folder}/store`
  const opened = await openStore(store, 'write')()
  if (isLeft(opened)) throw new Error(opened.left.kind)
  await fillStore(opened.right, [
    { venue: coinbaseVenue, pair: 'BTC-USD', chunks: [generatedFeed({ feed: 'full', seed: 1, events: 12_000 })] },
    { venue: bitfinexVenue, pair: 'BTC-USD', chunks: [generatedFeed({ feed: 'P0', seed: 1, events: 1_000 })] },
  ])
  await opened.right.close()
  runner = new CommandRunner()
}) // prettier-ignore

afterAll(() => {
  runner.close()
  rmSync(folder, { recursive: true, force: true })
})

const at = (name: string): string => join(folder, name)

/** `@` at the beginning of a word stands for the folder of this test. */
const exported = async (words: string): Promise<Ran> =>
  await runner.run('export', ...words.split(' ').map((word) => word.replace(/^@/, `${folder}/`).replaceAll('_', ' ')), '--store', store) // prettier-ignore

/** Nothing that is half written, in a folder or below. */
const partials = (): readonly string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.includes('partial'))

describe('every kind', () => {
  it.each(['events', 'levels', 'trades', 'books', 'bars', 'flow', 'quality', 'frames'])(
    '%s is written as Parquet and as an Arrow stream with equal rows',
    async (kind) => {
      const [parquet, arrows] = [`@${kind}.parquet`, `@${kind}.arrows`]
      for (const out of [parquet, arrows]) {
        const ran = await exported(`${kind} ${FULL} --out ${out} --levels 2 --json`)
        expect({ code: ran.code, stdout: ran.stdout }).toEqual({ code: 0, stdout: '' })
        expect(JSON.parse(ran.stderr.split('\n').at(-2) ?? '')).toMatchObject({ files: 1, skipped: 0 })
      }
      const rows = await readParquet(at(`${kind}.parquet`))
      expect(rows.length).toBeGreaterThan(0)
      expect((await readArrow(at(`${kind}.arrows`))).length).toBe(rows.length)
    },
  )

  it('has the formats of other tools', async () => {
    expect((await exported(`events ${FULL} --out @orders.npz`)).code).toBe(0)
    expect((await exported(`levels ${FULL} --out @levels.npz`)).code).toBe(0)
    expect(readNpz(at('orders.npz')).some(({ event }) => event === 10)).toBe(true)
    expect(readNpz(at('levels.npz')).some(({ event }) => event === 4)).toBe(true)
    const tardis = await exported(`trades ${FULL} --format tardis`)
    expect(tardis.stdout.slice(0, tardis.stdout.indexOf('\n'))).toBe('exchange,symbol,timestamp,local_timestamp,id,side,price,amount') // prettier-ignore
    const lobster = await exported(`events ${FULL} --format lobster --levels 5`)
    expect(lobster.stdout.split('\n')[0]).toMatch(/^\d+\.\d{6},[1-7],\d+,\d+,\d+,-?1$/)
  })

  it('has bars by trades and by volume', async () => {
    for (const [every, name] of [
      ['25_trades', 'count'],
      ['0.5_volume', 'volume'],
    ] as const)
      expect((await exported(`bars ${FULL} --every ${every} --out @bars-${name}.jsonl`)).code).toBe(0)
    const counted = await readJsonLines(at('bars-count.jsonl'))
    expect(counted.filter(({ trades }) => trades === 25).length).toBeGreaterThan(3)
    const summed = await readJsonLines(at('bars-volume.jsonl'))
    expect(summed.filter(({ valid }) => valid === true).every(({ volume }) => Number(volume) >= 0.5)).toBe(
      true,
    )
  })
})

describe('what does not fit', () => {
  const CASES: readonly (readonly [string, number, RegExp])[] = [
    ['candles', 2, /Unknown export kind "candles": this version exports frames, events/],
    ['trades --format xml', 2, /Unknown format "xml": this version writes csv, .*npz, tardis, lobster/],
    ['trades --out @x.parquet --format arrow', 2, /does not go with a file of that name/],
    ['trades --columns seq,colour', 2, /there is no column "colour"; there are stream, seq/],
    ['trades --where size', 2, /"size" is no condition/],
    ['trades --where size_>_soon', 2, /"soon" does not fit column size/],
    ['bars --every soon', 2, /--every "soon" is no duration/],
    ['bars --every 0_trades', 2, /a whole number of trades or a volume above 0/],
    ['bars --every 2.5_trades', 2, /a whole number of trades/],
    ['flow --every 10_trades', 2, /is for bars/],
    ['trades --price-scale 99', 2, /--price-scale must be a whole number from 0 to 15/],
    ['events --format npz', 2, /npz says at its beginning how many rows follow/],
    ['bars --out @x.npz', 2, /npz has no place for bars: it takes events, levels/],
    ['events --format tardis', 2, /tardis has no place for events: it takes levels, trades, books/],
    ['trades --format tardis --columns price', 2, /has columns of its own/],
    ['events --out @x.npz', 1, /A file of npz holds one stream: name one/],
    ['events bitfinex:BTC-USD --format lobster', 1, /has levels only/],
    ['trades kraken:BTC-USD', 2, /kraken:BTC-USD/],
    [`trades ${FULL} --from 2001-01-01T00:00:00Z --to 2001-01-02T00:00:00Z`, 1, /The range holds no entry/],
    [`trades ${FULL} --out /proc/none/x.csv`, 1, /Cannot write \/proc\/none/],
    [`trades ${FULL} --format csv --out /dev/full`, 1, /Cannot write \/dev\/full: the disk is full/],
  ]

  it.each(CASES)('export %s', async (words, code, sentence) => {
    const ran = await exported(words)
    expect(ran.stderr).toMatch(sentence)
    expect({ code: ran.code, stdout: ran.stdout }).toEqual({ code, stdout: '' })
    expect(ran.stderr).not.toMatch(/\n {4}at /)
    expect(partials()).toEqual([])
    for (const name of ['x.npz', 'x.parquet', 'x.csv']) expect(existsSync(at(name))).toBe(false)
  })

  it('a target that exists is refused, and replaced when asked for', async () => {
    writeFileSync(at('taken.csv'), 'mine')
    const refused = await exported(`trades ${FULL} --out @taken.csv`)
    expect([refused.code, readFileSync(at('taken.csv'), 'utf8')]).toEqual([1, 'mine'])
    expect(refused.stderr).toMatch(/exists already: name another file, or add --overwrite/)
    expect((await exported(`trades ${FULL} --out @taken.csv --overwrite`)).code).toBe(0)
    expect(readFileSync(at('taken.csv'), 'utf8')).toMatch(/^stream,seq,/)
  })
})

const spawned = (words: string, prefix = ''): ReturnType<typeof spawnSync> =>
  spawnSync('bash', ['-c', `${prefix} '${process.execPath}' '${builtFile('src/cli/main.ts')}' export ${words} --store '${store}'`], { encoding: 'utf8', timeout: 120_000 }) // prettier-ignore

describe('what goes wrong meanwhile', () => {
  it('a reader that has enough is no failure', () => {
    const ran = spawned(`events ${FULL} --format csv`, 'set -o pipefail;')
    const cut = spawnSync('bash', ['-c', `'${process.execPath}' '${builtFile('src/cli/main.ts')}' export events ${FULL} --format csv --store '${store}' | head -c 100`], { encoding: 'utf8' }) // prettier-ignore
    expect(cut.stderr).toBe('')
    expect(cut.stdout).toBe(String(ran.stdout).slice(0, 100))
  })

  it.each(['npz', 'parquet', 'csv', 'jsonl.gz'])('a disk that fills half-way leaves no %s', (end) => {
    const limit = 'ulimit -f 8; exec'
    const ran = spawned(`events ${FULL} --out '${at(`large.${end}`)}'`, limit)
    expect(String(ran.stderr)).toMatch(/Cannot write .*: the file would be larger than is allowed/)
    expect(ran.status).toBe(1)
    expect(existsSync(at(`large.${end}`))).toBe(false)
    expect(partials()).toEqual([])
  })

  it.skipIf(process.getuid?.() !== 0)('a folder without permission is named', async () => {
    const closed = at('closed')
    mkdirSync(closed)
    chmodSync(folder, 0o755)
    chmodSync(at('store'), 0o777)
    for (const name of readdirSync(at('store'))) chmodSync(join(at('store'), name), 0o666)
    const command = new CommandProcess(['export', 'trades', FULL, '--out', join(closed, 'x.csv'), '--store', store], {}, 65_534) // prettier-ignore
    const { code, stderr } = await command.ended
    expect(stderr).toMatch(/Cannot write .*closed\/x\.csv: there is no permission to write there/)
    expect([code, readdirSync(closed)]).toEqual([1, []])
  })

  it.each(['SIGINT', 'SIGTERM'] as const)('%s leaves nothing, and the next run is whole', async (signal) => {
    const out = at(`stopped-${signal}.parquet`)
    const command = new CommandProcess(['export', 'events', FULL, '--out', out, '--store', store])
    await until(() => partials().length > 0 || existsSync(out), () => command.stderr)
    command.kill(signal)
    const { code } = await command.ended
    expect(partials()).toEqual([])
    expect(existsSync(out)).toBe(code === 0)
    expect((await exported(`events ${FULL} --out ${out} --overwrite`)).code).toBe(0)
    expect((await readParquet(out)).length).toBeGreaterThan(1000)
  }) // prettier-ignore

  it('a folder goes on where it was stopped', async () => {
    const words = `trades --out @days`
    expect((await exported(words)).stderr).toMatch(/in 2 files at/)
    const [first = ''] = readdirSync(at('days'))
    const [day = ''] = readdirSync(join(at('days'), first))
    const part = join(at('days'), first, day, 'part-0.parquet')
    const whole = readFileSync(part)
    rmSync(part)
    expect((await exported(words)).stderr).toMatch(/in 2 files \(1 finished before\)/)
    expect(readFileSync(part).equals(whole)).toBe(true)
  })
})
