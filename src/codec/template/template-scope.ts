/**
 * What template numbers and references of one run of frames mean: templates split into runs of bytes and slots, ids,
 * texts. A scan fills it; a reader of stored tables builds it. Bounded in templates and their bytes.
 */
import { Buffer } from 'node:buffer'

import type { FrameScope, FrameTemplate } from '../../log/frame-row.ts'
import { IdTable } from './id-table.ts'
import { slotsOf } from './skeleton.ts'
import { TextTable } from './text-table.ts'

export const MAX_TEMPLATES = 4096
export const MAX_SKELETON_BYTES = 1024 * 1024
/** The longest skeleton of one template. */
export const MAX_TEMPLATE_BYTES = 16 * 1024

/** What ends a template's pieces. */
export const END = -1
/** Numbers per piece: where its bytes begin in the pool, how many they are, the code of the slot behind them or END. */
export const PIECE = 3
/** Unused bytes behind the pool's last, so that four bytes may be read wherever one stands. */
const SPARE = 8

export class TemplateScope implements FrameScope {
  readonly templates: FrameTemplate[] = []
  readonly ids: IdTable
  readonly texts: TextTable
  /** The skeletons one behind the other. */
  pool = new Uint8Array(4096)
  poolView = new DataView(this.pool.buffer)
  /** The pieces of all templates, PIECE numbers each. */
  pieces: Int32Array = new Int32Array(1024)
  /** By template: where its pieces begin. */
  firstPieces: Int32Array = new Int32Array(64)
  private poolLength = 0
  private piecesLength = 0
  private readonly numbers = new Map<string, number>()

  /** Stored tables, for a reader; empty when left out. */
  constructor(ids = new IdTable(), texts = new TextTable()) {
    this.ids = ids
    this.texts = texts
  }

  /** Bytes of all skeletons. */
  get skeletonBytes(): number {
    return this.poolLength
  }

  idText(reference: number): string {
    return this.ids.text(reference)
  }

  get idCount(): number {
    return this.ids.count
  }

  get idBytes(): Uint8Array {
    return this.ids.raw
  }

  text(reference: number): string {
    return this.texts.text(reference)
  }

  /** The skeleton's bytes, not copied. */
  skeletonOf(template: number): Uint8Array {
    const from = this.pieces[this.firstPieces[template] ?? 0] ?? 0
    return this.pool.subarray(from, from + (this.templates[template]?.skeleton.length ?? 0))
  }

  /** The skeletons of all templates, one behind the other, not copied. */
  skeletons(): Uint8Array {
    return this.pool.subarray(0, this.poolLength)
  }

  /** The number of the template with this skeleton, a new one when needed; -1 when it is none or a bound is reached. */
  templateOf(skeleton: Uint8Array): number {
    const key = Buffer.from(skeleton.buffer, skeleton.byteOffset, skeleton.byteLength).toString('latin1')
    const known = this.numbers.get(key)
    if (known !== undefined) return known
    if (this.templates.length === MAX_TEMPLATES || skeleton.length > MAX_TEMPLATE_BYTES) return -1
    if (this.poolLength + skeleton.length > MAX_SKELETON_BYTES) return -1
    const slots = slotsOf(skeleton)
    if (slots === undefined) return -1
    const template = this.templates.length
    this.firstPieces = roomFor(this.firstPieces, template)
    this.firstPieces[template] = this.piecesLength
    const base = this.addToPool(skeleton)
    let from = 0
    for (const { at, code } of slots) {
      this.addPiece(base + from, at - from, code)
      from = at + 2
    }
    this.addPiece(base + from, skeleton.length - from, END)
    const shown = slots.map(({ kind, isQuoted, path }) => ({ kind, isQuoted, path }))
    this.templates.push({ skeleton: key, slots: shown })
    this.numbers.set(key, template)
    return template
  }

  private addToPool(skeleton: Uint8Array): number {
    const base = this.poolLength
    const length = base + skeleton.length
    if (length + SPARE > this.pool.length) {
      const pool = new Uint8Array(Math.max(this.pool.length * 2, length + SPARE))
      pool.set(this.pool.subarray(0, base))
      this.pool = pool
      this.poolView = new DataView(pool.buffer)
    }
    this.pool.set(skeleton, base)
    this.poolLength = length
    return base
  }

  private addPiece(from: number, length: number, code: number): void {
    const at = this.piecesLength
    this.piecesLength = at + PIECE
    this.pieces = roomFor(this.pieces, this.piecesLength)
    this.pieces[at] = from
    this.pieces[at + 1] = length
    this.pieces[at + 2] = code
  }
}

/** Room for a number at `place`, what is there kept. */
const roomFor = (numbers: Int32Array, place: number): Int32Array => {
  if (place < numbers.length) return numbers
  const grown = new Int32Array(Math.max(numbers.length * 2, place + 1))
  grown.set(numbers)
  return grown
}
