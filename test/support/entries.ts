/** Entries for decoder tests: packed records from a script or a capture, and a sink that keeps every call. */
import { Buffer } from 'node:buffer'

import { EntryCursor, type EntryKind, EntryWriter } from '../../src/log/entry.ts'
import {
  type CloseCause,
  encodeJson,
  encodeResponse,
  type RunEndedPayload,
  type RunManifest,
} from '../../src/log/payloads.ts'
import { type DisconnectCause, EventCollector, type MarketEvent } from '../../src/market/event.ts'
import type { ProductState } from '../../src/market/product-state.ts'
import { type Micros, microsOf } from '../../src/market/time.ts'
import type { Decoder, DecoderSink, FeedCommand, Gap } from '../../src/venues/venue.ts'

/** A line of a capture file, as far as entries need it. */
export interface ScriptLine {
  readonly t: number
  readonly conn: number
  readonly dir: 'in' | 'out' | 'http'
  readonly text: string
  readonly method?: string
  readonly url?: string
  readonly status?: number
}

/** A manifest with every field that a test does not care about filled in. */
export const manifestOf = (
  fields: Partial<RunManifest> & Pick<RunManifest, 'venue' | 'symbol'>,
): RunManifest => ({
  software: 'bookreel test',
  stream: `${fields.venue}:${fields.pair ?? fields.symbol}`,
  pair: fields.pair ?? fields.symbol,
  feed: undefined,
  mode: 'import',
  assumeEmptyBook: false,
  ...fields,
})

/** Writes entries one behind the other. Time stands still until `at` or `after` moves it. */
export class EntryScript {
  private readonly writer = new EntryWriter()
  private seq = 0
  private time = microsOf(1_600_000_000_000_000)

  private add(kind: EntryKind, connection: number, payload: Uint8Array, isBinary = false): this {
    this.writer.append(kind, ++this.seq, this.time, connection, payload, isBinary)
    return this
  }

  /** Sets the receive time of what follows. */
  at(micros: number): this {
    this.time = microsOf(micros)
    return this
  }

  /** Moves the receive time of what follows. */
  after(micros: number): this {
    this.time = microsOf(this.time + micros)
    return this
  }

  now(): Micros {
    return this.time
  }

  runStarted(manifest: RunManifest): this {
    return this.add('run-started', 0, encodeJson(manifest))
  }

  runEnded(cause: RunEndedPayload['cause'] = 'stopped'): this {
    return this.add('run-ended', 0, encodeJson({ cause }))
  }

  opened(connection = 1): this {
    return this.add('opened', connection, encodeJson({ url: 'ws://venue.test' }))
  }

  closed(connection = 1, cause: CloseCause = 'remote', reason = ''): this {
    return this.add('closed', connection, encodeJson({ cause, code: 1006, reason }))
  }

  /** A frame as it is, or an object as its JSON. */
  frame(content: string | object, connection = 1): this {
    const text = typeof content === 'string' ? content : JSON.stringify(content)
    return this.add('frame', connection, Buffer.from(text))
  }

  binary(bytes: Uint8Array, connection = 1): this {
    return this.add('frame', connection, bytes, true)
  }

  sent(content: string | object, connection = 1): this {
    const text = typeof content === 'string' ? content : JSON.stringify(content)
    return this.add('sent', connection, Buffer.from(text))
  }

  response(url: string, body: string | object, status = 200, method = 'GET'): this {
    const text = typeof body === 'string' ? body : JSON.stringify(body)
    return this.add('response', 0, encodeResponse({ method, url, status, body: Buffer.from(text) }))
  }

  timer(timer: string): this {
    return this.add('timer', 0, encodeJson({ timer }))
  }

  /** Adds a line of a capture at its own time. */
  line(line: ScriptLine): this {
    this.at(line.t)
    if (line.dir === 'in') return this.frame(line.text, line.conn)
    if (line.dir === 'out') return this.sent(line.text, line.conn)
    return this.response(line.url ?? '', line.text, line.status ?? 200, line.method ?? 'GET')
  }

  /** The packed records of everything so far; the script is empty afterwards, its numbers go on. */
  records(): Uint8Array {
    return this.writer.take() ?? new Uint8Array(0)
  }
}

/**
 * The entries of a whole capture: a run begins, each connection is opened before its first line and closed at the end,
 * the run ends.
 */
export const recordsOfCapture = (lines: readonly ScriptLine[], manifest: RunManifest): Uint8Array => {
  const script = new EntryScript()
  const first = lines[0]
  if (first !== undefined) script.at(first.t)
  script.runStarted(manifest)
  const opened = new Set<number>()
  for (const line of lines) {
    if (line.dir !== 'http' && !opened.has(line.conn)) {
      opened.add(line.conn)
      script.at(line.t).opened(line.conn)
    }
    script.line(line)
  }
  for (const connection of opened) script.closed(connection, 'shutdown')
  return script.runEnded('import-ended').records()
}

/** The single records of a batch, in order. */
export const splitRecords = (records: Uint8Array): readonly Uint8Array[] => {
  const cursor = new EntryCursor(records)
  const split: Uint8Array[] = []
  while (cursor.next()) split.push(records.subarray(cursor.recordStart, cursor.recordEnd))
  return split
}

/** What only recorders and verifiers are told. */
export type Notice =
  | ({ readonly kind: 'gap' } & Gap)
  | { readonly kind: 'disconnected'; readonly cause: DisconnectCause }
  | { readonly kind: 'undecoded'; readonly what: string }
  | { readonly kind: 'started' }
  | { readonly kind: 'command'; readonly command: FeedCommand }

/** Collects every call of a decoder, market events and notices apart. */
export class SinkLog extends EventCollector implements DecoderSink {
  /** There is no book that could refuse. */
  readonly hasRefused = false
  private notices: Notice[] = []
  duplicates = 0
  /** What the venue said of the product, each time. */
  readonly products: ProductState[] = []

  /** The notices since the last call. */
  takeNotices(): readonly Notice[] {
    const taken = this.notices
    this.notices = []
    return taken
  }

  gap(gap: Gap): void {
    this.notices.push({ kind: 'gap', ...gap })
  }

  disconnected(cause: DisconnectCause): void {
    this.notices.push({ kind: 'disconnected', cause })
  }

  undecoded(what: string): void {
    this.notices.push({ kind: 'undecoded', what })
  }

  duplicate(): void {
    this.duplicates++
  }

  started(): void {
    this.notices.push({ kind: 'started' })
  }

  product(state: ProductState): void {
    this.products.push(state)
  }

  command(command: FeedCommand): void {
    this.notices.push({ kind: 'command', command })
  }
}

/** Everything a decoder said. */
export interface Decoded {
  readonly events: readonly MarketEvent[]
  readonly notices: readonly Notice[]
}

/** Hands packed records to a decoder, from the first to the last. */
const decodeInto = (decoder: Decoder, records: Uint8Array, sink: DecoderSink): void => {
  const cursor = new EntryCursor(records)
  while (cursor.next()) decoder.decode(cursor, sink)
}

/** Decodes packed records and returns what was said. */
export const decodeAll = (decoder: Decoder, records: Uint8Array): Decoded => {
  const sink = new SinkLog()
  decodeInto(decoder, records, sink)
  return { events: sink.take(), notices: sink.takeNotices() }
}

/**
 * Decodes the entries before the cut (an index into `split`) with one decoder, moves its state into a new one and goes
 * on: everything said must be as if there had been no cut.
 */
export const decodeWithCut = (
  newDecoder: () => Decoder,
  split: readonly Uint8Array[],
  cut: number,
): Decoded => {
  const sink = new SinkLog()
  let decoder = newDecoder()
  for (const [index, record] of split.entries()) {
    if (index === cut) {
      const state = decoder.save()
      decoder = newDecoder()
      decoder.restore(state)
    }
    decodeInto(decoder, record, sink)
  }
  return { events: sink.take(), notices: sink.takeNotices() }
}

/** The notices of one kind. */
export const noticesOf = <K extends Notice['kind']>(
  decoded: Decoded,
  kind: K,
): readonly Extract<Notice, { kind: K }>[] =>
  decoded.notices.filter((notice): notice is Extract<Notice, { kind: K }> => notice.kind === kind)
