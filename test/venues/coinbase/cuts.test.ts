/**
 * Recorded Coinbase feeds, every symbol, cut at every entry: a decoder restored there goes on as the one that never
 * stopped, and it goes on with rows where that one reads texts.
 */
import { describe, expect, it } from 'vitest'

import { FrameScanner } from '../../../src/codec/template/frame-scanner.ts'
import { ScanningCursor } from '../../../src/codec/template/scanning-cursor.ts'
import { EntryCursor } from '../../../src/log/entry.ts'
import { CoinbaseDecoder } from '../../../src/venues/coinbase/decoder.ts'
import { captureNames, capturesFolder, readCapture } from '../../support/captures.ts'
import { manifestOf, recordsOfCapture, SinkLog } from '../../support/entries.ts'

const folder = capturesFolder()

/** Compares after each entry what was told and what is remembered; gives the number of events. */
const replaceAtEveryEntry = (records: Uint8Array): number => {
  const uncut = new CoinbaseDecoder()
  let cut = new CoinbaseDecoder()
  const uncutLog = new SinkLog()
  const cutLog = new SinkLog()
  const cursor = new EntryCursor(records)
  const rows = new ScanningCursor(records, new FrameScanner())
  let events = 0
  while (cursor.next() && rows.next()) {
    uncut.decode(cursor, uncutLog)
    // Every third entry as text, so that states pass from either way to either way.
    cut.decode(cursor.seq % 3 === 0 ? cursor : rows, cutLog)
    const told = uncutLog.take()
    events += told.length
    const state = cut.save()
    // Text is compared, not objects: there are a hundred thousand events in some entries.
    if (JSON.stringify(cutLog.take()) !== JSON.stringify(told))
      expect.fail(`entry ${String(cursor.seq)}: events`)
    if (Buffer.compare(uncut.save(), state) !== 0) expect.fail(`entry ${String(cursor.seq)}: state`)
    cut = new CoinbaseDecoder()
    cut.restore(state)
  }
  expect(cutLog.takeNotices()).toEqual(uncutLog.takeNotices())
  return events
}

describe.skipIf(folder === undefined)('a decoder replaced by its restored copy after every entry', () => {
  const names = folder === undefined ? [] : captureNames(folder, 'coinbase')
  it.each(names)('%s', (name) => {
    const { meta, lines } = readCapture(folder ?? '', name)
    const assumeEmptyBook = meta.format === 'coinbase-orders' && lines.every(({ dir }) => dir !== 'http')
    expect(meta.symbols.length).toBeGreaterThan(0)
    for (const symbol of meta.symbols) {
      const manifest = manifestOf({ venue: 'coinbase', symbol, assumeEmptyBook })
      expect(replaceAtEveryEntry(recordsOfCapture(lines, manifest))).toBeGreaterThan(0)
    }
  })
})
