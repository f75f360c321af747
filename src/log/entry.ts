/**
 * Entries: the numbered lines of a stream's log, packed one behind the other in batches of bytes. Owns their layout,
 * which is also the canonical form the chain is computed over; knows nothing of what frames mean.
 *
 * One record, little-endian: u32 payload length | u8 kind | u8 flags | u16 zero | u32 connection |
 * u64 seq | u64 receiveTime (microseconds) | payload.
 */
import { Buffer } from 'node:buffer'

import { type Micros, microsOf } from '../market/time.ts'
import type { FrameRow } from './frame-row.ts'

/** Our number for an entry: 1, 2, 3 … per stream, without holes, across runs. The replay order. */
export type Seq = number

/** The kinds of entries; a kind's number is its place here and is stored: only ever append. */
export const ENTRY_KINDS = [
  'frame', // one raw message from the socket; payload: its bytes
  'sent', // a frame we sent, secrets removed; payload: its text
  'response', // a REST answer; payload: see response-payload
  'opened', // a connection opened; payload: JSON {url}
  'closed', // a connection closed; payload: JSON {cause, code, reason}
  'timer', // a timer of the live recorder fired; payload: JSON {timer}
  'clock', // the wall clock moved against ours; payload: JSON, see ClockPayload
  'sample', // a sampled book
  'run-started', // payload: JSON, the run's manifest
  'run-ended', // payload: JSON {cause}
] as const

/** What an entry is: one of ENTRY_KINDS. */
export type EntryKind = (typeof ENTRY_KINDS)[number]

/** An entry as decoders see it. Valid only during the call it is handed to. */
export interface EntryView {
  readonly seq: Seq
  readonly receiveTime: Micros
  readonly kind: EntryKind
  /** The number of its connection inside the stream, 1, 2, 3 …; 0 where there is none (REST, runs). */
  readonly connection: number
  /** True for a binary websocket frame. */
  readonly isBinary: boolean
  /** The payload as text; bytes that are no UTF-8 become U+FFFD. */
  readonly text: () => string
  /** The payload's bytes, not copied. */
  readonly bytes: () => Uint8Array
  /** The frame as a row, where it was scanned or comes from a chunk's columns and is no verbatim one. */
  readonly row: FrameRow | undefined
}

/** Bytes of a record before its payload. */
export const RECORD_HEADER_BYTES = 28

const FLAG_BINARY = 1
/** No flag but FLAG_BINARY is known yet, and the two bytes behind the flags are zero. */
export const LARGEST_KIND_AND_FLAGS = 0x1ff
const KIND_NUMBERS = new Map<EntryKind, number>(ENTRY_KINDS.map((kind, index) => [kind, index]))
const TWO_32 = 2 ** 32

/** A DataView reads and writes several times faster than Buffer's own methods. */
const viewOf = ({ buffer, byteOffset, byteLength }: Uint8Array): DataView =>
  new DataView(buffer, byteOffset, byteLength)

const bufferOf = ({ buffer, byteOffset, byteLength }: Uint8Array): Buffer =>
  Buffer.from(buffer, byteOffset, byteLength)

/** Packs entries into one growing buffer; `take` hands it over and starts a new one. */
export class EntryWriter {
  private buffer: Buffer
  private length = 0
  private entries = 0
  private readonly initialBytes: number
  private view: DataView

  constructor(initialBytes = 64 * 1024) {
    this.initialBytes = initialBytes
    this.buffer = Buffer.allocUnsafeSlow(initialBytes)
    this.view = viewOf(this.buffer)
  }

  get byteLength(): number {
    return this.length
  }

  get entryCount(): number {
    return this.entries
  }

  /** Adds an entry behind the last one; the payload is copied. */
  append(
    kind: EntryKind,
    seq: Seq,
    receiveTime: Micros,
    connection: number,
    payload: Uint8Array,
    isBinary = false,
  ): void {
    const needed = this.length + RECORD_HEADER_BYTES + payload.length
    if (needed > this.buffer.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.buffer.length * 2))
      this.buffer.copy(grown, 0, 0, this.length)
      this.buffer = grown
      this.view = viewOf(grown)
    }
    const { view } = this
    const at = this.length
    view.setUint32(at, payload.length, true)
    view.setUint32(at + 4, (KIND_NUMBERS.get(kind) ?? 0) | (isBinary ? FLAG_BINARY << 8 : 0), true)
    view.setUint32(at + 8, connection, true)
    view.setUint32(at + 12, seq % TWO_32, true)
    view.setUint32(at + 16, Math.floor(seq / TWO_32), true)
    view.setUint32(at + 20, receiveTime % TWO_32, true)
    view.setUint32(at + 24, Math.floor(receiveTime / TWO_32), true)
    this.buffer.set(payload, at + RECORD_HEADER_BYTES)
    this.length = needed
    this.entries++
  }

  /** The packed records so far, in memory of their own (transferable), or undefined when there are none. */
  take(): Uint8Array | undefined {
    if (this.entries === 0) return undefined
    const taken = new Uint8Array(this.buffer.buffer, this.buffer.byteOffset, this.length)
    this.buffer = Buffer.allocUnsafeSlow(this.initialBytes)
    this.view = viewOf(this.buffer)
    this.length = 0
    this.entries = 0
    return taken
  }
}

/** A damaged batch: a record that does not end inside it, of an unknown kind or flag, or with a number past 2^53. */
export class MalformedBatch extends Error {}

/** The records behind entry `seq`, not copied; empty when there are none. Throws MalformedBatch. */
export const recordsAfter = (records: Uint8Array, seq: Seq): Uint8Array => {
  const cursor = new EntryCursor(records)
  while (cursor.next()) if (cursor.seq > seq) return records.subarray(cursor.recordStart)
  return records.subarray(records.length)
}

/** Walks over packed records; the cursor itself is the EntryView of the record it stands on. */
export class EntryCursor implements EntryView {
  seq: Seq = 0
  receiveTime = microsOf(0)
  kind: EntryKind = 'frame'
  connection = 0
  isBinary = false
  row: FrameRow | undefined = undefined
  /** Where the record begins in the bytes. */
  recordStart = 0
  /** Where the record ends: the next one begins here. */
  recordEnd = 0
  private buffer: Buffer
  private view: DataView

  constructor(records: Uint8Array) {
    this.buffer = bufferOf(records)
    this.view = viewOf(records)
  }

  /** Goes on in these: the records so far, and more behind them. */
  protected lookAt(records: Uint8Array): void {
    this.buffer = bufferOf(records)
    this.view = viewOf(records)
  }

  /** Moves to the next record; false at the end. Throws MalformedBatch when the bytes are no records. */
  next(): boolean {
    const { buffer, view } = this
    const at = this.recordEnd
    if (at === buffer.length) return false
    if (at + RECORD_HEADER_BYTES > buffer.length) throw new MalformedBatch(`record cut at byte ${String(at)}`)
    const end = at + RECORD_HEADER_BYTES + view.getUint32(at, true)
    if (end > buffer.length) throw new MalformedBatch(`record cut at byte ${String(at)}`)
    const kindAndFlags = view.getUint32(at + 4, true)
    const kind = ENTRY_KINDS[kindAndFlags & 0xff]
    if (kind === undefined) throw new MalformedBatch(`unknown entry kind at byte ${String(at)}`)
    if (kindAndFlags > LARGEST_KIND_AND_FLAGS) throw new MalformedBatch(`unknown flags at byte ${String(at)}`)
    const seq = view.getUint32(at + 12, true) + view.getUint32(at + 16, true) * TWO_32
    const receiveTime = view.getUint32(at + 20, true) + view.getUint32(at + 24, true) * TWO_32
    if (seq > Number.MAX_SAFE_INTEGER || receiveTime > Number.MAX_SAFE_INTEGER)
      throw new MalformedBatch(`number past 2^53 at byte ${String(at)}`)
    this.kind = kind
    this.isBinary = kindAndFlags > 0xff
    this.connection = view.getUint32(at + 8, true)
    this.seq = seq
    this.receiveTime = microsOf(receiveTime)
    this.recordStart = at
    this.recordEnd = end
    return true
  }

  text(): string {
    return this.buffer.toString('utf8', this.recordStart + RECORD_HEADER_BYTES, this.recordEnd)
  }

  bytes(): Uint8Array {
    return this.buffer.subarray(this.recordStart + RECORD_HEADER_BYTES, this.recordEnd)
  }
}
