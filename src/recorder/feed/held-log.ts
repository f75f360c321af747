/**
 * Entries of a feed that runs ahead of its log: kept as they came, with their times, until it is known where the log goes
 * on. For a recorder that takes a stream over from one that still records it.
 */
import { EntryCursor, type EntryKind } from '../../log/entry.ts'
import { encodeJson } from '../../log/payloads.ts'
import { type Micros, microsOf } from '../../market/time.ts'
import type { Scheduler } from '../scheduler.ts'
import type { FeedBegin } from '../thread-messages.ts'
import { EntryLog } from './entry-log.ts'

export interface HeldLogOptions {
  readonly now: () => Micros
  readonly scheduler: Scheduler
  /** Packed records that were put to the others, numbered from 1. */
  readonly onHeld: (records: Uint8Array) => void
}

const firstTimeIn = (records: Uint8Array): Micros | undefined => {
  const cursor = new EntryCursor(records)
  return cursor.next() ? cursor.receiveTime : undefined
}

export class HeldLog {
  /** Bytes that are kept. Their user bounds them. */
  heldBytes = 0
  private held: Uint8Array[] = []
  private firstTime: Micros | undefined
  private isHolding = true
  private log: EntryLog

  constructor({ now, scheduler, onHeld }: HeldLogOptions) {
    const onBatch = ({ records }: { readonly records: Uint8Array }): void => {
      if (!this.isHolding || records.length === 0) return
      this.firstTime ??= firstTimeIn(records)
      this.held.push(records)
      this.heldBytes += records.length
      onHeld(records)
    }
    this.log = new EntryLog({ lastSeq: 0, lastReceiveTime: microsOf(0), now, scheduler, onBatch })
  }

  append(kind: EntryKind, connection: number, payload: Uint8Array, isBinary?: boolean, time?: Micros): void {
    this.log.append(kind, connection, payload, isBinary, time)
  }

  appendRecord(kind: EntryKind, connection: number, record: Uint8Array): void {
    this.log.appendRecord(kind, connection, record)
  }

  flush(isEnd?: boolean): void {
    this.log.flush(isEnd)
  }

  /**
   * From here on entries go into this log, those kept first; connections are counted behind those it has had. A manifest is
   * written before them, at the time of the first.
   */
  release(log: EntryLog, { manifest, lastConnection }: Pick<FeedBegin, 'manifest' | 'lastConnection'>): void {
    this.log.flush()
    this.isHolding = false
    this.log = log
    if (manifest !== undefined) log.append('run-started', 0, encodeJson(manifest), false, this.firstTime)
    for (const records of this.held) {
      const cursor = new EntryCursor(records)
      while (cursor.next()) {
        const connection = cursor.connection === 0 ? 0 : cursor.connection + lastConnection
        log.append(cursor.kind, connection, cursor.bytes(), cursor.isBinary, cursor.receiveTime)
      }
    }
    this.held = []
    this.heldBytes = 0
  }
}
