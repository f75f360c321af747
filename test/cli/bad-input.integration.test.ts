/** Wrong commands, as a user types them: the exit code, one sentence on stderr, nothing on stdout, no stack. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { CommandRunner, type Ran } from '../support/command-runner.ts'
import { runCommand } from '../support/recorder-process.ts'

let folder = ''
let runner: CommandRunner

const line = (time: number, text: string): string =>
  `${JSON.stringify({ t: time, conn: 1, dir: 'in', text })}\n`

/** `@` at the beginning of a word, or behind `file:`, stands for the folder of this test. */
const placed = (words: readonly string[]): string[] =>
  words.map((word) =>
    word.replace(/^(file:)?@/, (_at, file: string | undefined) => `${file ?? ''}${folder}/`),
  )

beforeAll(async () => {
  runner = new CommandRunner()
  folder = mkdtempSync(join(tmpdir(), 'bookreel-bad-'))
  const files: Readonly<Record<string, string | Uint8Array>> = {
    'good.jsonl': line(1, '{"type":"heartbeat"}'),
    'text.jsonl': 'no JSON at all\n',
    'cut.jsonl': `${line(1, 'whole')}{"t":2,"conn":1,"di`,
    'back.jsonl': line(2, 'later') + line(1, 'earlier'),
    'cut.jsonl.gz': gzipSync(line(1, 'x'.repeat(100))).subarray(0, 30),
    'no.jsonl.gz': 'not gzip',
    'empty.jsonl': '',
    'broken.json': '{ "pairs": [',
    'unknown.json': '{"pears":["BTC-USD"]}',
    'wrong.json': '{"venue":"coinbase"}',
    'list.json': '[]',
    'kind.json': '{"pairs":["BTC-USD"],"store":"s3://bucket"}',
    'spool.json': '{"pairs":["BTC-USD"],"store":"file:./somewhere","spool":"./elsewhere"}',
    'close.jsonl': '{"fault":"lose","frame":1}\n{"fault":"close","frame":1,"code":1005}\n',
  }
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content)
  for (const name of ['things', 'bare', 'damaged', 'marker', 'newer']) mkdirSync(join(folder, name))
  writeFileSync(join(folder, 'things', 'holiday.jpg'), 'x')
  for (const name of ['bare', 'damaged'])
    writeFileSync(join(folder, name, 'bookreel.json'), '{"format":"bookreel-store","version":1}')
  writeFileSync(join(folder, 'damaged', 'store.mdb'), 'x'.repeat(20_000))
  writeFileSync(join(folder, 'marker', 'bookreel.json'), 'scribble')
  writeFileSync(join(folder, 'newer', 'bookreel.json'), '{"format":"bookreel-store","version":99}')
  const made = await runCommand(...placed(['import', '@good.jsonl', '--stream', 'coinbase:BTC-USD', '--store', 'file:@store'])) // prettier-ignore
  expect(made.code).toBe(0)
})

afterAll(() => {
  runner.close()
  rmSync(folder, { recursive: true, force: true })
})

type Case = readonly [words: string, code: number, sentence: RegExp]

const USAGE: readonly Case[] = [
  ['', 2, /Say which command/],
  ['recrod BTC-USD', 2, /recrod/],
  ['record BTC-USD --sotre file:x', 2, /sotre/],
  ['record', 2, /which pair/],
  ['record BTCUSD', 2, /"BTCUSD" is no pair/],
  ['record btc/usd', 2, /write it like BTC-USD/],
  ['record BTC-USD --venue kraken', 2, /no venue "kraken"/],
  ['record BTC-USD --mode fast', 2, /There is no mode "fast"/],
  ['record BTC-USD --mode light --depth 5', 2, /--depth is for --mode snapshot/],
  ['record BTC-USD --interval 1s', 2, /--interval is for --mode snapshot/],
  ['record BTC-USD --mode snapshot --interval soon', 2, /--interval "soon" is no duration/],
  ['record BTC-USD --mode snapshot --depth -1', 2, /--depth/],
  ['record BTC-USD --mode fast', 2, /no mode "fast"/],
  ['record BTC-USD --for', 2, /--for needs a value/],
  ['record BTC-USD --for soon', 2, /--for "soon" is no duration/],
  ['record BTC-USD --for 1s --for 2s', 2, /--for was given twice/],
  ['record BTC-USD --for 30d', 2, /--for is at most/],
  ['record BTC-USD --endpoint nowhere', 2, /--endpoint "nowhere" must look like/],
  ['record BTC-USD --endpoint coinbase.ws=http://h', 2, /must begin with wss:/],
  ['record BTC-USD --endpoint coinbase.ws=ws://', 2, /is no URL/],
  ['record BTC-USD --endpoint kraken.ws=ws://h', 2, /no venue "kraken"/],
  ['record BTC-USD --endpoint coinbase.ws=ws://me:secret@h', 2, /no user and no password/],
  ['record BTC-USD --feed coinbase=level9', 2, /no feed "level9"/],
  ['record BTC-USD --feed coinbase', 2, /--feed "coinbase" must look like/],
  ['record BTC-USD --symbol kraken=XBT', 2, /no venue "kraken"/],
  ['record BTC-USD --durability never', 2, /--durability "never" is no duration/],
  ['record BTC-USD --store memory:', 2, /would be gone/],
  ['record BTC-USD -- --more', 2, /"--more" is one word too many/],
  ['record --config @nowhere.json', 2, /Cannot read --config/],
  ['record --config @broken.json', 2, /is not JSON/],
  ['record --config @unknown.json', 2, /pears is no setting: there are pairs, /],
  ['record --config @wrong.json', 2, /venue must be a list of texts/],
  ['record --config @list.json', 2, /must be a JSON object/],
  ['record BTC-USD --secrets @nowhere.json', 2, /Cannot read --secrets/],
  ['record BTC-USD --secrets @good.jsonl', 2, /Line 1 of --secrets .* is no NAME=value/],
  ['record BTC-USD --min-free lots', 2, /--min-free "lots" is no size/],
  ['record BTC-USD --resume-at 1GB', 2, /--resume-at needs --min-free/],
  ['record BTC-USD --min-free 1GB --resume-at 1GB', 2, /--resume-at must be more than --min-free/],
  ['check-config', 2, /which file to check/],
  ['check-config @nowhere.json', 2, /Cannot read/],
  ['record --config @kind.json', 2, /no known kind/],
  ['replay --store file:@store --speed fast', 2, /--speed "fast" is no speed/],
  ['replay --store file:@store --from yesterday', 2, /--from "yesterday" is no instant/],
  ['replay --store file:@store --to seq:x', 2, /--to "seq:x" is no instant/],
  ['replay --store file:@store --every 0s', 2, /--every "0s" is no duration/],
  ['replay --store file:@store --depth 0', 2, /--depth must be a whole number/],
  ['replay --store file:@store --workers 0', 2, /--workers must be a whole number/],
  ['replay --store file:@store --workers 2 --follow', 2, /leave out --speed, --follow and --resume/],
  ['replay --store file:@store --resume here', 1, /no position of a replay/],
  ['replay --store file:@store --resume here --from seq:1', 2, /leave out --from/],
  ['replay --store file:@store --store file:@other', 2, /--store was given twice/],
  ['replay kraken:BTC-USD --store file:@store', 2, /Unknown venue "kraken"/],
  ['book --store file:@store', 2, /needs to be told more/],
  ['book BTC-USD --store file:@store', 2, /"BTC-USD" is no stream/],
  ['book coinbase:lala --store file:@store', 2, /"lala" is no pair of Coinbase/],
  ['book coinbase:BTC-USD --at noon --store file:@store', 2, /--at "noon" is no instant/],
  ['book coinbase:BTC-USD coinbase:ETH-USD --store file:@store', 2, /coinbase:ETH-USD/],
  ['export --store file:@store', 2, /needs to be told more/],
  ['report --store file:@store', 2, /needs to be told more/],
  ['report coinbase:BTC-USD --out', 2, /--out needs a value/],
  ['report BTC-USD --store file:@store --out @new.html', 2, /is no stream/],
  [
    'report coinbase:BTC-USD --store file:@store --from late --out @new.html',
    2,
    /--from "late" is no instant/,
  ],
  ['export candles --store file:@store', 2, /Unknown export kind "candles"/],
  ['import @good.jsonl', 2, /--stream must be given/],
  ['import @good.jsonl --stream BTC-USD --store file:@new', 2, /"BTC-USD" is no stream/],
  ['import @good.jsonl --stream coinbase:BTC-USD --store memory:', 2, /would be gone/],
  ['import @good.jsonl --stream coinbase:BTC-USD --stream coinbase:ETH-USD', 2, /--stream was given twice/],
  ['record BTC-USD --store file:@new --spool @new', 2, /--spool is for a store on a server/],
  ['record --config @spool.json', 2, /--spool is for a store on a server/],
  ['import @good.jsonl --stream coinbase:BTC-USD --store file:@new --spool @new', 2, /leave --spool out/],
  ['rebuild --store file:@store --spool @new', 2, /leave --spool out/],
  ['push --store file:@store --to file:@new --spool @new', 2, /leave --spool out/],
  ['record BTC-USD --spool-limit lots', 2, /--spool-limit "lots" is no size/],
  ['push --store file:@store', 2, /to must be given|--to/],
  ['push --store file:@store --to file:@store', 2, /not copied to itself/],
  ['push --store file:@store --to memory:', 2, /would be gone/],
  ['simulate --venue kraken', 2, /No venue "kraken" can be simulated/],
  ['simulate --pair lala', 2, /"lala" is no pair/],
  ['simulate --rate fast', 2, /--rate "fast" is no rate/],
  ['simulate --port 99999', 2, /--port 99999 is not a whole number/],
  ['simulate --seed x', 2, /--seed is not a whole number/],
  ['simulate --pace max', 2, /--pace is for --capture only/],
  ['simulate --capture @good.jsonl --seed 1', 2, /--seed goes with --capture for --chaos only/],
  ['simulate --capture @good.jsonl --faults @list.json', 2, /list\.json: names no fault/],
  ['simulate --capture @good.jsonl --chaos wild', 2, /--chaos "wild" is no level/],
  ['simulate --faults @close.jsonl', 2, /close\.jsonl: line 2 has "code": 1005, which is not a close code/],
  ['simulate --venue bitfinex --lag 40ms', 2, /--lag is between two venues, but only bitfinex is simulated/],
  ['simulate --for ever', 2, /--for "ever" is no duration/],
  ['demo --seconds none', 2, /--seconds must be a whole number/],
]

const FAILURES: readonly Case[] = [
  ['record BTC-USD --store somewhere', 2, /does not say of which kind/],
  ['record BTC-USD --store s3://bucket', 2, /no known kind/],
  ['record BTC-USD --store file:', 1, /names no folder/],
  ['record BTC-USD --store file:@things', 1, /holds other things and is not a store/],
  ['record BTC-USD --store file:@good.jsonl', 1, /is a file, not the folder of a store/],
  ['record BTC-USD --store file:@good.jsonl/below', 1, /A file stands in the way/],
  ['record BTC-USD --store file:/proc/bookreel', 1, /\/proc\/bookreel/],
  ['record BTC-USD --store file:@damaged', 1, /store\.mdb is damaged/],
  ['record BTC-USD --store file:@marker', 1, /does not name a store/],
  ['record BTC-USD --store file:@newer', 1, /newer than this version/],
  ['pull --store file:@new --from file:@nowhere', 1, /There is no store at/],
  ['info --store mongodb://', 1, /cannot be used/],
  [
    'info --store mongodb://127.0.0.1:1/b?serverSelectionTimeoutMS=100',
    1,
    /cannot be reached|does not answer/,
  ],
  ['info --store file:@nowhere', 1, /There is no store at/],
  ['info --store file:@bare', 1, /holds nothing yet/],
  ['info --store file:@damaged', 1, /store\.mdb is damaged/],
  ['info coinbase:ETH-USD --store file:@store', 1, /The store has no stream coinbase:ETH-USD/],
  ['verify --store file:@things', 1, /holds other things and is not a store/],
  ['replay --store file:@damaged', 1, /store\.mdb is damaged/],
  ['book coinbase:BTC-USD --at seq:99 --store file:@store', 1, /entry 99 is not stored/],
  ['book coinbase:BTC-USD --at 0 --store file:@store', 1, /begins after 0/],
  ['export frames --store file:@store --out @nowhere/frames.jsonl', 1, /Cannot write .*ENOENT/],
  ['export frames --store file:@store --out @good.jsonl', 1, /exists already/],
  ['export frames --store file:@store --out @things', 1, /is a folder/],
  ['report coinbase:BTC-USD --store file:@store --out @things', 1, /is a folder/],
  ['report coinbase:BTC-USD --store file:@store --out @good.jsonl', 1, /exists already/],
  ['report coinbase:ETH-USD --store file:@store --out @new.html', 1, /has no stream coinbase:ETH-USD/],
  [
    'report coinbase:BTC-USD --store file:@store --from seq:99 --out @new.html',
    1,
    /holds no entry of coinbase:BTC-USD/,
  ],
  ['import @nowhere --stream coinbase:BTC-USD --store file:@new', 1, /There is no capture at/],
  ['import @things --stream coinbase:BTC-USD --store file:@new', 1, /holds neither frames\.jsonl/],
  ['import @text.jsonl --stream coinbase:BTC-USD --store file:@new', 1, /line 1 is not a JSON object/],
  [
    'import @cut.jsonl --stream coinbase:BTC-USD --store file:@new',
    1,
    /is cut: it ends in the middle of line 2/,
  ],
  ['import @back.jsonl --stream coinbase:BTC-USD --store file:@new', 1, /line 2 is earlier/],
  [
    'import @cut.jsonl.gz --stream coinbase:BTC-USD --store file:@new',
    1,
    /is cut: its gzip data ends too early/,
  ],
  ['import @no.jsonl.gz --stream coinbase:BTC-USD --store file:@new', 1, /is not gzip/],
  ['import @empty.jsonl --stream coinbase:BTC-USD --store file:@new', 1, /is empty/],
  ['import @good.jsonl --stream coinbase:BTC-USD --store file:@things', 1, /holds other things/],
  ['simulate --capture @nowhere', 1, /There is no capture at/],
  ['simulate --capture @text.jsonl', 1, /line 1 is not a JSON object/],
  ['simulate --log-sent @nowhere/sent.jsonl', 1, /nowhere\/sent\.jsonl cannot be written: ENOENT/],
  ['simulate --chaos low --log-faults @things', 1, /things cannot be written: EISDIR/],
  ['serve --store file:@store --log-sent @things', 1, /things cannot be written: EISDIR/],
]

const wordsOf = (words: string): readonly string[] => placed(words === '' ? [] : words.split(' '))

const expectRefusal = (
  { stdout, stderr, code }: Omit<Ran, 'code'> & { readonly code: number | null },
  expected: number,
  sentence: RegExp,
): void => {
  expect(stderr).toMatch(/^bookreel: [^\n]+\n$/)
  expect(stderr).toMatch(sentence)
  expect(stderr).not.toMatch(/unexpected trouble|^\s+at /m)
  expect({ code, stdout }).toEqual({ code: expected, stdout: '' })
}

describe('a wrong command', () => {
  it.each(USAGE)('bookreel %s', async (words, code, sentence) => {
    expectRefusal(await runner.run(...wordsOf(words)), code, sentence)
  })

  it('bookreel check-config finds it in a file, and names that', async () => {
    const { code, stdout, stderr } = await runner.run(...wordsOf('check-config @spool.json'))
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(/^[^\n]*spool\.json: --spool is for a store on a server[^\n]+\n$/)
  })

  // What came further ends by itself, too.
  it.concurrent.each([...FAILURES, ...USAGE.slice(0, 3)])(
    'bookreel %s, in a process of its own',
    async (words, code, sentence) => {
      expectRefusal(await runCommand(...wordsOf(words)), code, sentence)
    },
  )
})
