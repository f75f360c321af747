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

const writeHeader = (
  view: DataView,
  at: number,
  length: number,
  kind: EntryKind,
  seq: Seq,
  receiveTime: Micros,
  connection: number,
  isBinary: boolean,
): void => {
  view.setUint32(at, length, true)
  view.setUint32(at + 4, (KIND_NUMBERS.get(kind) ?? 0) | (isBinary ? FLAG_BINARY << 8 : 0), true)
  view.setUint32(at + 8, connection, true)
  view.setUint32(at + 12, seq % TWO_32, true)
  view.setUint32(at + 16, Math.floor(seq / TWO_32), true)
  view.setUint32(at + 20, receiveTime % TWO_32, true)
  view.setUint32(at + 24, Math.floor(receiveTime / TWO_32), true)
}

/** Makes a record of bytes whose payload stands behind RECORD_HEADER_BYTES of room, without a copy. */
export const headRecord = (
  record: Uint8Array,
  kind: EntryKind,
  seq: Seq,
  receiveTime: Micros,
  connection: number,
): void => {
  const length = record.length - RECORD_HEADER_BYTES
  writeHeader(viewOf(record), 0, length, kind, seq, receiveTime, connection, false)
}

const bufferOf = ({ buffer, byteOffset, byteLength }: Uint8Array): Buffer =>
  Buffer.from(buffer, byteOffset, byteLength)

/** Gives memory of so many bytes or more, for the asker alone to write into from its beginning. */
export type GiveRoom = (bytes: number) => Uint8Array

const NO_ROOM = Buffer.alloc(0)

/**
 * Packs entries one behind the other. In memory of its own, which `take` hands over; or in rooms that it is given, where what
 * is packed next stands behind what was taken, as long as it fits.
 */
export class EntryWriter {
  private buffer: Buffer
  /** Where the records begin that were not taken yet, and where they end. */
  private start = 0
  private length = 0
  private entries = 0
  private readonly initialBytes: number
  private readonly giveRoom: GiveRoom | undefined
  private view: DataView

  constructor(initialBytes = 64 * 1024, giveRoom?: GiveRoom) {
    this.initialBytes = initialBytes
    this.giveRoom = giveRoom
    this.buffer = this.firstMemory()
    this.view = viewOf(this.buffer)
  }

  get byteLength(): number {
    return this.length - this.start
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
    const bytes = RECORD_HEADER_BYTES + payload.length
    if (this.length + bytes > this.buffer.length) this.moveOn(bytes)
    const at = this.length
    writeHeader(this.view, at, payload.length, kind, seq, receiveTime, connection, isBinary)
    this.buffer.set(payload, at + RECORD_HEADER_BYTES)
    this.length = at + bytes
    this.entries++
  }

  /** The records packed since the last call, or undefined when there are none. In memory of their own (transferable), or in the room. */
  take(): Uint8Array | undefined {
    if (this.entries === 0) return undefined
    const { buffer, start, length } = this
    const taken = new Uint8Array(buffer.buffer, buffer.byteOffset + start, length - start)
    this.entries = 0
    this.start = length
    if (this.giveRoom === undefined) this.lookAt(this.firstMemory())
    return taken
  }

  /** What is packed next, all being taken, begins a room. */
  leaveRoom(): void {
    if (this.giveRoom !== undefined && this.entries === 0) this.lookAt(NO_ROOM)
  }

  private firstMemory(): Buffer {
    return this.giveRoom === undefined ? Buffer.allocUnsafeSlow(this.initialBytes) : NO_ROOM
  }

  /** Takes what was not taken yet along. */
  private moveOn(bytes: number): void {
    const { buffer, start, length, giveRoom } = this
    const needed = length - start + bytes
    const next =
      giveRoom === undefined
        ? Buffer.allocUnsafeSlow(Math.max(needed, buffer.length * 2))
        : bufferOf(giveRoom(needed))
    buffer.copy(next, 0, start, length)
    this.lookAt(next)
    this.length = length - start
  }

  private lookAt(buffer: Buffer): void {
    this.buffer = buffer
    this.view = viewOf(buffer)
    this.start = this.length = 0
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
