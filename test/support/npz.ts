/** Reads the array `data` of an `.npz` with nothing of ours: the archive by its directory, the array by its head. */
import { readFileSync } from 'node:fs'
import { crc32, inflateRawSync } from 'node:zlib'

/** One row of an event array; times in nanoseconds. */
export interface BacktestRow {
  readonly event: number
  readonly flags: number
  readonly exchangeTime: bigint
  readonly localTime: bigint
  readonly price: number
  readonly size: number
  readonly order: bigint
}

const ROW_BYTES = 64
const DESCRIPTION = "'descr': [('ev', '<u8'), ('exch_ts', '<i8'), ('local_ts', '<i8'), ('px', '<f8'), ('qty', '<f8'), ('order_id', '<u8'), ('ival', '<i8'), ('fval', '<f8')]" // prettier-ignore

/** The content of the only entry of an archive. */
const onlyEntry = (archive: Buffer): Buffer => {
  const end = archive.lastIndexOf('PK\x05\x06', undefined, 'latin1')
  const wide = Number(archive.readBigUInt64LE(end - 20 + 8))
  if (archive.toString('latin1', wide, wide + 4) !== 'PK\x06\x06') throw new Error('no 64-bit end')
  const directory = Number(archive.readBigUInt64LE(wide + 48))
  const checksum = archive.readUInt32LE(directory + 16)
  const name = archive.toString(
    'latin1',
    directory + 46,
    directory + 46 + archive.readUInt16LE(directory + 28),
  )
  if (name !== 'data.npy') throw new Error(`the entry is ${name}`)
  const extra = directory + 46 + name.length
  const bytes = Number(archive.readBigUInt64LE(extra + 4))
  const compressed = Number(archive.readBigUInt64LE(extra + 12))
  const start = 30 + archive.readUInt16LE(26) + archive.readUInt16LE(28)
  const content = inflateRawSync(archive.subarray(start, start + compressed))
  if (content.length !== bytes || crc32(content) !== checksum) throw new Error('the content is another one')
  // What stands in front of the content says the same as the directory.
  if (archive.readUInt32LE(14) !== checksum) throw new Error('the entry has another checksum')
  return content
}

export const readNpz = (file: string): readonly BacktestRow[] => {
  const array = onlyEntry(readFileSync(file))
  if (array.toString('latin1', 0, 8) !== '\x93NUMPY\x01\x00') throw new Error('no array')
  const start = 10 + array.readUInt16LE(8)
  const head = array.toString('latin1', 10, start)
  if (start % 64 !== 0 || !head.includes(DESCRIPTION) || !head.endsWith('\n')) throw new Error(head)
  const rows = Number(/'shape': \((\d+),\)/.exec(head)?.[1])
  if (array.length !== start + rows * ROW_BYTES) throw new Error('the rows are not as many as told')
  return Array.from({ length: rows }, (_, row) => {
    const at = start + row * ROW_BYTES
    const word = Number(array.readBigUInt64LE(at))
    return {
      event: word & 0xff,
      flags: Math.floor(word / 2 ** 28),
      exchangeTime: array.readBigInt64LE(at + 8),
      localTime: array.readBigInt64LE(at + 16),
      price: array.readDoubleLE(at + 24),
      size: array.readDoubleLE(at + 32),
      order: array.readBigUInt64LE(at + 40),
    }
  })
}
