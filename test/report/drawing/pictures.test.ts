/** Colours, pictures and paths: what they look like, as far as numbers tell. */
import { Buffer } from 'node:buffer'
import { inflateSync } from 'node:zlib'

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import type { DepthColumn, DepthSide } from '../../../src/report/collecting/depth-columns.ts'
import { DepthColumns } from '../../../src/report/collecting/depth-columns.ts'
import { heatMapOf } from '../../../src/report/drawing/heat-map.ts'
import { bandPath, limitsOf, stepPath } from '../../../src/report/drawing/lines.ts'
import { jsonText, Markup, markup } from '../../../src/report/drawing/markup.ts'
import { type Colour, colourOf } from '../../../src/report/drawing/palette.ts'
import { pngOf } from '../../../src/report/drawing/png.ts'

const linear = (part: number): number => (part <= 10 ? part / 3294.6 : ((part / 255 + 0.055) / 1.055) ** 2.4)
const lightness = ([red, green, blue]: Colour): number =>
  0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)

describe('the colours of sizes', () => {
  const shares = Array.from({ length: 256 }, (_, index) => index / 255)

  it('grow lighter all the way, also for eyes that see no red or no green', () => {
    const lights = shares.map((share) => lightness(colourOf(share)))
    lights.slice(1).forEach((light, index) => {
      // Parts of colours are whole numbers.
      expect(light).toBeGreaterThan(Number(lights[index]) - 0.002)
    })
    expect(Number(lights.at(-1)) / Number(lights[0])).toBeGreaterThan(20)
    // What tells red from green hardly varies: the difference lies in lightness and between blue and yellow.
    for (const share of shares) {
      const [red, green] = colourOf(share)
      expect(Math.abs(red - green)).toBeLessThan(40)
    }
  })
})

describe('a picture', () => {
  it('is a PNG of these pixels', () => {
    const indices = Uint8Array.from([0, 1, 2, 2, 1, 0])
    const png = Buffer.from(pngOf(3, indices, [[0, 0, 0], [1, 2, 3], [250, 251, 252]])) // prettier-ignore
    expect(png.subarray(1, 4).toString('latin1')).toBe('PNG')
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([3, 2])
    const at = png.indexOf('IDAT')
    const length = png.readUInt32BE(at - 4)
    expect([...inflateSync(png.subarray(at + 4, at + 4 + length))]).toEqual([0, 0, 1, 2, 0, 2, 1, 0])
    expect(png.subarray(png.indexOf('PLTE') + 4).subarray(0, 9)).toEqual(Buffer.from([0, 0, 0, 1, 2, 3, 250, 251, 252])) // prettier-ignore
  })
})

const sideOf = (levels: readonly (readonly [number, number])[]): DepthSide => ({
  from: Float64Array.from(levels, ([price]) => price),
  to: Float64Array.from(levels, ([price]) => price),
  sizes: Float64Array.from(levels, ([, size]) => size),
})

describe('the depth', () => {
  const bids = [[100, 1], [99, 5], [97, 2]] as const // prettier-ignore
  const asks = [[101, 3], [102, 4], [110, 8]] as const // prettier-ignore
  const book: DepthColumn = { bids: sideOf(bids), asks: sideOf(asks) }

  it('has each size at its price, nothing between, and nothing known beyond', () => {
    const depth = new DepthColumns()
    depth.columns.push(undefined, book)
    const map = heatMapOf(depth, 2, { low: 100, high: 101 })
    if (map === undefined) throw new Error('no map')
    const at = (price: number, column = 1): number => {
      const row = map.rows - 1 - Math.floor((price - map.prices.low) / map.step + 1e-6)
      return map.indices[row * 2 + column] ?? -1
    }
    for (const [price] of [...bids, ...asks]) expect(at(price)).toBeGreaterThan(1)
    for (const price of [98, 100.5, 105]) expect(at(price)).toBe(1)
    expect(at(99)).toBeGreaterThan(at(97))
    expect(map.prices.low).toBeLessThan(97)
    expect(at(96.7)).toBe(0)
    for (const [price] of bids) expect(at(price, 0)).toBe(0)
  })

  it('is absent where no book could be used', () => {
    const depth = new DepthColumns()
    depth.columns.push(undefined, undefined)
    expect(heatMapOf(depth, 2, { low: NaN, high: NaN })).toBeUndefined()
  })
})

describe('a line', () => {
  const scale = { low: 0, high: 10 }

  it('is drawn over nothing that is not known, nor over a break', () => {
    const values = Float64Array.from([1, 2, NaN, 3, 4, 5])
    const broken = Uint8Array.from([0, 0, 0, 0, 1, 0])
    expect(stepPath(values, broken, scale)).toBe('M0 900h1V800h1M3 700h1M4 600h1V500h1')
    expect(bandPath(values, values, scale)).toBe('M0 900h1V900h-1zM1 800h1V800h-1zM3 700h1V700h-1zM4 600h1V600h-1zM5 500h1V500h-1z') // prettier-ignore
  })

  it('has an axis for nearly all of its values', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 1, max: 1e6, noNaN: true }), { minLength: 1 }), (values) => {
        const limits = limitsOf(Float64Array.from(values))
        expect(limits).toBeDefined()
        const { low = NaN, high = NaN, isCut = true } = limits ?? {}
        expect(high).toBeGreaterThan(low)
        const outside = values.filter((value) => value < low || value > high).length
        expect(outside).toBeLessThanOrEqual(isCut ? values.length * 0.02 : 0)
      }),
    )
    expect(limitsOf(Float64Array.of(NaN))).toBeUndefined()
  })
})

describe('markup', () => {
  it('lets no text become an element, an attribute or the end of a script', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'<>&"\'/scriptx ', '\u2028') }), (text) => {
        const element = markup`<p title="${text}">${text}</p>`.text
        const [, attribute = '', content = ''] = /^<p title="([^"]*)">([^<>]*)<\/p>$/s.exec(element) ?? []
        const plain = (escaped: string): string =>
          escaped.replace(/&#39;/g, "'").replace(/&quot;/g, '"').replace(/&lt;/g, '<').replace(/&gt;/g, '>').replace(/&amp;/g, '&') // prettier-ignore
        expect([plain(attribute), plain(content)]).toEqual([text, text])
        const json = jsonText({ text }).text
        expect(json).not.toMatch(/[<>&\u2028]/)
        expect(JSON.parse(json)).toEqual({ text })
      }),
    )
    expect(markup`${new Markup('<b>')}${[markup`<i>`]}${undefined}${5}`.text).toBe('<b><i>5')
  })
})
