/** A picture of at most 256 colours as the bytes of a PNG file. */
import { Buffer } from 'node:buffer'
import { crc32, deflateSync } from 'node:zlib'

import type { Colour } from './palette.ts'

const SIGNATURE = [137, 80, 78, 71, 13, 10, 26, 10]

const chunk = (name: string, content: Uint8Array): Uint8Array => {
  const body = Buffer.concat([Buffer.from(name, 'latin1'), content])
  const framed = Buffer.alloc(body.length + 8)
  framed.writeUInt32BE(content.length, 0)
  body.copy(framed, 4)
  framed.writeUInt32BE(crc32(body), body.length + 4)
  return framed
}

/** `indices`: rows of places in `colours`, top row first. The first colour is transparent. */
export const pngOf = (width: number, indices: Uint8Array, colours: readonly Colour[]): Uint8Array => {
  const height = indices.length / width
  const head = Buffer.alloc(13)
  head.writeUInt32BE(width, 0)
  head.writeUInt32BE(height, 4)
  // Eight bits a pixel, which are places in the palette.
  head.set([8, 3, 0, 0, 0], 8)
  const rows = Buffer.alloc(height * (width + 1))
  for (let row = 0; row < height; row++)
    rows.set(indices.subarray(row * width, (row + 1) * width), row * (width + 1) + 1)
  return Buffer.concat([
    Uint8Array.from(SIGNATURE),
    chunk('IHDR', head),
    chunk('PLTE', Uint8Array.from(colours.flat())),
    chunk('tRNS', Uint8Array.of(0)),
    chunk('IDAT', deflateSync(rows, { level: 9 })),
    chunk('IEND', new Uint8Array(0)),
  ])
}
