/** What a scan of one frame gave, spelt out so that scans by different scanners can be compared. */
import { Buffer } from 'node:buffer'

import type { FrameScanner } from '../../src/codec/template/frame-scanner.ts'
import { RowRenderer } from '../../src/codec/template/row-renderer.ts'
import type { FrameRow } from '../../src/log/frame-row.ts'

const renderer = new RowRenderer()

/** Scans a text in memory that holds other bytes before and behind it. */
export const scanText = (scanner: FrameScanner, text: string | Uint8Array): boolean => {
  const bytes = Buffer.from(text)
  const memory = Buffer.concat([Buffer.from('1"[{2'), bytes, Buffer.from('3"]}4')])
  return scanner.scan(memory, 5, 5 + bytes.length)
}

/** The bytes of the frame scanned last; undefined when it cannot be rendered. */
export const renderedBytes = (scanner: FrameScanner, limit = 1e8): Buffer | undefined => {
  const bytes = renderer.bytes(scanner, limit)
  return bytes === undefined ? undefined : Buffer.from(bytes)
}

/** The row with every number and reference spelt out, lists and all: `price number:150/2`. */
export const spelledRow = (row: FrameRow): readonly string[] => {
  const { scope, values, scales } = row
  const spelled: string[] = []
  let place = row.start
  const template = (number: number, prefix: string): void => {
    const { skeleton, slots } = scope.templates[number] ?? { skeleton: 'none', slots: [] }
    spelled.push(`${prefix} ${skeleton}`)
    for (const { kind, isQuoted, path } of slots) {
      const [value = NaN, scale] = [values[place], scales[place]]
      place++
      const told = kind === 'id' ? scope.idText(value) : kind === 'text' ? scope.text(value) : String(value)
      spelled.push(`${prefix}${path} ${isQuoted ? 'quoted ' : ''}${kind}:${told}/${String(scale)}`)
      if (kind !== 'list') continue
      for (let element = 0; element < value; element++) template(values[place++] ?? NaN, `${prefix}${path}.`)
    }
  }
  template(row.template, '')
  spelled.push(`${String(row.end - place)} left`)
  return spelled
}
