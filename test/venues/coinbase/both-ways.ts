/** A decoder that reads every entry as text and, where it can be scanned, as a row: both must say and keep the same. */
import { Buffer } from 'node:buffer'

import { expect } from 'vitest'

import { FrameScanner } from '../../../src/codec/template/frame-scanner.ts'
import type { EntryView } from '../../../src/log/entry.ts'
import type { InvalidReason } from '../../../src/market/event.ts'
import { CoinbaseDecoder } from '../../../src/venues/coinbase/decoder.ts'
import type { Decoder, DecoderSink } from '../../../src/venues/venue.ts'
import { CallLog } from '../../support/call-log.ts'

/** The same entry with its row. */
const scanned = (entry: EntryView, scanner: FrameScanner): EntryView => {
  scanner.clear()
  const bytes = entry.bytes()
  const hasRow = entry.kind === 'frame' && !entry.isBinary && scanner.scan(bytes, 0, bytes.length)
  return {
    seq: entry.seq,
    receiveTime: entry.receiveTime,
    kind: entry.kind,
    connection: entry.connection,
    isBinary: entry.isBinary,
    text: () => entry.text(),
    bytes: () => bytes,
    row: hasRow ? scanner : undefined,
  }
}

/** States are compared after each of so many entries, then now and then. */
const EVERY_STATE_UP_TO = 500
const STATE_SAMPLE = 100_000

/** Hands every call to both. */
const tee = (sink: DecoderSink, log: CallLog): DecoderSink =>
  new Proxy(sink, {
    get: (target, name): unknown => {
      const value: unknown = Reflect.get(target, name, target)
      if (typeof value !== 'function') return value
      return (...told: unknown[]): void => {
        ;(Reflect.get(log, name, log) as (...told: unknown[]) => void).apply(log, told)
        ;(value as (...told: unknown[]) => void).apply(target, told)
      }
    },
  })

export class BothWays implements Decoder {
  private readonly texts = new CoinbaseDecoder()
  private readonly rows = new CoinbaseDecoder()
  private readonly scanner = new FrameScanner()
  private deeds = 0

  decode(entry: EntryView, sink: DecoderSink): void {
    this.both(sink, (decoder, into) => {
      decoder.decode(decoder === this.rows ? scanned(entry, this.scanner) : entry, into)
    })
  }

  reject(reason: InvalidReason, detail: string, sink: DecoderSink): void {
    this.both(sink, (decoder, into) => {
      decoder.reject(reason, detail, into)
    })
  }

  private both(sink: DecoderSink, act: (decoder: Decoder, sink: DecoderSink) => void): void {
    const told = new CallLog()
    const toldByRows = new CallLog()
    act(this.texts, tee(sink, told))
    act(this.rows, toldByRows)
    const [calls, rowCalls] = [told.take(), toldByRows.take()]
    const areSame =
      calls.length === rowCalls.length && calls.every((value, index) => Object.is(value, rowCalls[index]))
    if (!areSame) expect(rowCalls).toEqual(calls)
    this.deeds++
    if (this.deeds < EVERY_STATE_UP_TO || this.deeds % STATE_SAMPLE === 0) this.save()
  }

  orderId(order: number): string {
    const id = this.texts.orderId(order)
    expect(this.rows.orderId(order)).toBe(id)
    return id
  }

  isMidTransaction(): boolean {
    const isMid = this.texts.isMidTransaction()
    expect(this.rows.isMidTransaction()).toBe(isMid)
    return isMid
  }

  save(): Uint8Array {
    const state = this.texts.save()
    expect(Buffer.compare(this.rows.save(), state)).toBe(0)
    return state
  }

  restore(state: Uint8Array): void {
    this.texts.restore(state)
    this.rows.restore(state)
  }
}
