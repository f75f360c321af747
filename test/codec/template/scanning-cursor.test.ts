import { Buffer } from 'node:buffer'

import { describe, expect, it } from 'vitest'

import { FrameScanner } from '../../../src/codec/template/frame-scanner.ts'
import { RowRenderer } from '../../../src/codec/template/row-renderer.ts'
import { ScanningCursor } from '../../../src/codec/template/scanning-cursor.ts'
import { ENTRY_KINDS, EntryCursor, EntryWriter } from '../../../src/log/entry.ts'
import { microsOf } from '../../../src/market/time.ts'
import { generateFullFeed, recordsOf } from '../../support/full-feed.ts'

const fullFeed = recordsOf(generateFullFeed(500, 100))

describe('ScanningCursor', () => {
  it('gives what EntryCursor gives, and a row for each frame that renders to its bytes', () => {
    const scanner = new FrameScanner()
    const renderer = new RowRenderer()
    const plain = new EntryCursor(fullFeed)
    const cursor = new ScanningCursor(fullFeed, scanner)
    let rows = 0
    while (plain.next()) {
      expect(cursor.next()).toBe(true)
      for (const field of ['seq', 'receiveTime', 'kind', 'connection', 'isBinary', 'recordEnd'] as const)
        expect(cursor[field]).toBe(plain[field])
      expect(cursor.text()).toBe(plain.text())
      expect(cursor.row === undefined).toBe(plain.kind !== 'frame')
      if (cursor.row === undefined) continue
      rows++
      expect(scanner.start).toBe(0)
      expect(renderer.bytes(scanner, 1e6)).toEqual(plain.bytes())
    }
    expect(cursor.next()).toBe(false)
    expect(rows).toBeGreaterThanOrEqual(500)
  })

  it('scans frames that are text alone, and all kinds when it keeps what it scans', () => {
    const writer = new EntryWriter()
    ENTRY_KINDS.forEach((kind, index) => {
      writer.append(kind, index + 1, microsOf(1), 0, Buffer.from(`{"a":${String(index)}}`))
    })
    writer.append('frame', ENTRY_KINDS.length + 1, microsOf(1), 0, Buffer.from('[1]'), true)
    writer.append('frame', ENTRY_KINDS.length + 2, microsOf(1), 0, Buffer.from('[no'))
    const records = writer.take() ?? new Uint8Array(0)
    const live = new ScanningCursor(records, new FrameScanner())
    const scanned: boolean[] = []
    while (live.next()) {
      expect(live.row !== undefined).toBe(live.isScanned)
      scanned.push(live.isScanned)
    }
    expect(scanned).toEqual([true, ...Array<boolean>(11).fill(false)])

    const scanner = new FrameScanner()
    const keeping = new ScanningCursor(records, scanner, true)
    const starts: number[] = []
    while (keeping.next()) {
      expect(keeping.row !== undefined).toBe(keeping.seq === 1)
      if (keeping.isScanned) starts.push(scanner.start)
    }
    expect(starts).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
  })

  it('begins another scope when a live feed has filled one', () => {
    const writer = new EntryWriter()
    const long = 'x'.repeat(500_000)
    for (let seq = 1; seq <= 20; seq++)
      writer.append('frame', seq, microsOf(1), 0, Buffer.from(`["${String(seq)}${long}"]`))
    const scanner = new FrameScanner()
    const cursor = new ScanningCursor(writer.take() ?? new Uint8Array(0), scanner)
    const scopes = new Set<unknown>()
    while (cursor.next()) {
      scopes.add(cursor.row?.scope)
      expect(cursor.row?.scope.text(scanner.values[scanner.start] ?? NaN)).toBe(
        `${String(cursor.seq)}${long}`,
      )
      expect(scanner.scope.texts.byteLength).toBeLessThan(5_000_000)
    }
    expect(scopes.size).toBe(3)
  })
})
