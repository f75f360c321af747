/** Thrift's compact protocol, as far as the metadata of Parquet needs it. */
import { Buffer } from 'node:buffer'

import { ByteWriter } from './byte-writer.ts'

const TYPE = { true: 1, false: 2, i32: 5, i64: 6, binary: 8, list: 9, struct: 12 } as const

type ElementType = 'i32' | 'binary' | 'struct'

/** Writes one struct and those inside it. Fields come in the order of their numbers. */
export class ThriftWriter {
  readonly out = new ByteWriter()
  private lastField = 0
  private readonly outer: number[] = []

  private field(id: number, type: number): void {
    const step = id - this.lastField
    if (step > 0 && step < 16) this.out.byte((step << 4) | type)
    else {
      this.out.byte(type)
      this.out.zigzag(id)
    }
    this.lastField = id
  }

  flag(id: number, value: boolean): void {
    this.field(id, value ? TYPE.true : TYPE.false)
  }

  int32(id: number, value: number): void {
    this.field(id, TYPE.i32)
    this.out.zigzag(value)
  }

  int64(id: number, value: number): void {
    this.field(id, TYPE.i64)
    this.out.zigzag(value)
  }

  binary(id: number, value: Uint8Array | string): void {
    this.field(id, TYPE.binary)
    this.binaryElement(value)
  }

  binaryElement(value: Uint8Array | string): void {
    const bytes = typeof value === 'string' ? Buffer.from(value, 'utf8') : value
    this.out.varint(bytes.length)
    this.out.bytes(bytes)
  }

  int32Element(value: number): void {
    this.out.zigzag(value)
  }

  /** `count` elements are to follow. */
  list(id: number, type: ElementType, count: number): void {
    this.field(id, TYPE.list)
    if (count < 15) this.out.byte((count << 4) | TYPE[type])
    else {
      this.out.byte(0xf0 | TYPE[type])
      this.out.varint(count)
    }
  }

  struct(id: number, write: () => void): void {
    this.field(id, TYPE.struct)
    this.structElement(write)
  }

  structElement(write: () => void): void {
    this.outer.push(this.lastField)
    this.lastField = 0
    write()
    this.out.byte(0)
    this.lastField = this.outer.pop() ?? 0
  }

  /** The bytes of the struct. */
  end(): Uint8Array {
    this.out.byte(0)
    return this.out.view()
  }
}
