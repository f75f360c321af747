/** Sizes and speeds of one stream's chunks, every chunk by every way in turn. */
import { Buffer } from 'node:buffer'

import { FrameScanner } from '../../src/codec/template/frame-scanner.ts'
import { ScanningCursor } from '../../src/codec/template/scanning-cursor.ts'
import type { Chunk } from '../../src/log/chunk.ts'
import type { ColumnHints } from '../../src/log/column-hints.ts'
import { EntryCursor } from '../../src/log/entry.ts'
import type { StreamId } from '../../src/market/instrument.ts'
import { ChunkCodec, openChunk, recordsOf, storedBytes, walkRows } from './chunk-codec.ts'
import { LineFile } from './rivals.ts'
import { median, type Row } from './row.ts'

export interface StreamOptions {
  readonly name: string
  readonly stream: StreamId
  readonly hints: ColumnHints | undefined
  /** How often each chunk is timed; 0: only sizes. */
  readonly rounds: number
  /** The rivals' lines tell kind and connection, which vary. */
  readonly tellsMore: boolean
}

/** Everything that is timed. */
interface Times {
  readonly parse: number[]
  readonly scan: number[]
  readonly encode: number[]
  readonly columns: number[]
  readonly text: number[]
}

const WARMING_ROUNDS = 2
/** Entries that one measurement covers at least: a small chunk is taken again and again. */
const MEASURED_ENTRIES = 100_000

/** Milliseconds of processor time, all threads together: others on the machine do not count. */
const processorTime = (action: () => void): number => {
  const before = process.cpuUsage()
  action()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}

const parseAll = (records: Uint8Array): number => {
  const cursor = new EntryCursor(records)
  let parsed = 0
  while (cursor.next()) if (cursor.kind === 'frame' && JSON.parse(cursor.text()) !== undefined) parsed++
  return parsed
}

const scanAll = (records: Uint8Array): void => {
  const cursor = new ScanningCursor(records, new FrameScanner())
  while (cursor.next());
}

export class CodecFigures {
  /** Frames alone; all others are entries too. */
  frames = 0
  stored = 0
  private ids = 0
  private raw = 0
  private chunks = 0
  private isExact = true
  private readonly times: Times = { parse: [], scan: [], encode: [], columns: [], text: [] }
  private readonly codec: ChunkCodec
  private readonly lines = new LineFile()
  private readonly options: StreamOptions
  private last: Chunk | undefined

  constructor(options: StreamOptions) {
    this.options = options
    this.codec = new ChunkCodec(options.stream, options.hints)
  }

  /** Encodes, opens and renders the records of the next chunk. */
  add(records: Uint8Array): void {
    const heads = this.codec.follow(records)
    const encode = (): Chunk => this.codec.encode(records, heads)
    const { rounds, tellsMore } = this.options
    const chunk = encode()
    // Some rounds without a clock: code that has run little is slower.
    const warming = this.chunks === 0 && rounds > 0 ? WARMING_ROUNDS : 0
    for (let round = 0; round < warming; round++) this.run(records, encode, chunk, false)
    for (let round = 0; round < rounds; round++) this.run(records, encode, chunk, true)
    this.last = chunk
    this.chunks++
    this.stored += storedBytes(chunk)
    this.raw += chunk.header.rawBytes
    this.isExact &&= Buffer.compare(recordsOf(openChunk(chunk)), records) === 0
    const scanner = new FrameScanner()
    const seen = new ScanningCursor(records, scanner, true)
    while (seen.next()) if (seen.kind === 'frame') this.frames++
    this.ids += scanner.scope.ids.count
    this.lines.add(records, tellsMore)
  }

  private run(records: Uint8Array, encode: () => Chunk, chunk: Chunk, counts: boolean): void {
    const ways: readonly [keyof Times, () => void][] = [
      ['parse', () => parseAll(records)],
      ['scan', () => scanAll(records)],
      ['encode', () => void encode()],
      ['columns', () => walkRows(openChunk(chunk))],
      ['text', () => recordsOf(openChunk(chunk))],
    ]
    const times = Math.max(1, Math.floor(MEASURED_ENTRIES / chunk.header.entries))
    for (const [way, action] of ways) {
      // No collection is asked for: it would throw away compiled code, which JSON.parse does not need.
      const time = processorTime(() => {
        for (let time = 0; time < times; time++) action()
      })
      if (counts) this.times[way].push(time / times)
    }
  }

  /** The table's lines of this stream; waits for the rivals. */
  async rows(targets: Targets): Promise<readonly Row[]> {
    const { name } = this.options
    const { frames, stored, raw, ids, chunks } = this
    const perFrame = (bytes: number): string => (bytes / Math.max(frames, 1)).toFixed(2)
    const rows: Row[] = [
      { name: `${name}: frames`, value: frames.toLocaleString('en-US'), note: `${String(chunks)} chunks, ${perFrame(raw)} bytes a frame as received; ${this.isExact ? 'every byte comes back' : 'BYTES DIFFER'}` },
      { name: `${name}: stored bytes a frame`, value: perFrame(stored), note: targets.bytes(ids / frames) },
    ] // prettier-ignore
    for (const [rival, size] of await this.lines.sizes()) {
      const value = size === undefined ? 'not measured' : (stored / size).toFixed(3)
      const note =
        size === undefined
          ? 'there is no such command here'
          : `it takes ${perFrame(size)} bytes a frame; ${targets.rival}`
      rows.push({ name: `${name}: share of ${rival}`, value, note })
    }
    const { parse } = this.times
    if (parse.length === 0) return rows
    const speed = (way: keyof Times, what: string, target: string): void => {
      const ratios = parse.map((time, index) => time / (this.times[way][index] ?? NaN))
      const spread = `${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)}`
      const rate = ((median(this.times[way]) / frames) * chunks * 1e6).toFixed(0)
      rows.push({ name: `${name}: ${what}`, value: `${median(ratios).toFixed(2)} ×`, note: `${spread}; ${rate} ns a frame${target}` }) // prettier-ignore
    }
    speed('parse', 'JSON.parse alone', '')
    speed('scan', 'scan', '; bytes to rows, each scalar rendered again; target 1.6')
    speed('encode', 'encoding', '; everything included; target 0.6')
    speed('columns', 'decoding to columns', '; stored bytes to rows, checks included; target 8')
    speed('text', 'decoding to text', '; stored bytes to the exact records; target 1.5')
    return rows
  }

  /** Of the chunk added last. */
  lastChunk(): Chunk | undefined {
    return this.last
  }
}

/** What the figures are measured against. */
export interface Targets {
  /** The note beside bytes a frame, given ids a frame. */
  readonly bytes: (ids: number) => string
  readonly rival: string
}
