/** The records around the one entry of a ZIP archive, in their 64-bit form: an entry may pass 4 GiB. */
import { Buffer } from 'node:buffer'

/** What an archive says of its entry. */
export interface ZipEntry {
  readonly name: string
  /** CRC-32 of its content. */
  readonly checksum: number
  readonly bytes: number
  readonly compressedBytes: number
}

const VERSION = 45
const DEFLATED = 8
/** 1980-01-01: the same bytes whenever an archive is written. */
const DATE = 0x21
const ELSEWHERE = 0xffffffff
const EXTRA_BYTES = 20

const sharedFields = ({ name, checksum }: ZipEntry): Buffer => {
  const fields = Buffer.alloc(26)
  fields.writeUInt16LE(VERSION, 0)
  fields.writeUInt16LE(DEFLATED, 4)
  fields.writeUInt16LE(DATE, 8)
  fields.writeUInt32LE(checksum, 10)
  fields.writeUInt32LE(ELSEWHERE, 14)
  fields.writeUInt32LE(ELSEWHERE, 18)
  fields.writeUInt16LE(name.length, 22)
  fields.writeUInt16LE(EXTRA_BYTES, 24)
  return fields
}

const nameAndSizes = ({ name, bytes, compressedBytes }: ZipEntry): Buffer => {
  const sizes = Buffer.alloc(EXTRA_BYTES)
  sizes.writeUInt16LE(1, 0)
  sizes.writeUInt16LE(16, 2)
  sizes.writeBigUInt64LE(BigInt(bytes), 4)
  sizes.writeBigUInt64LE(BigInt(compressedBytes), 12)
  return Buffer.concat([Buffer.from(name, 'latin1'), sizes])
}

/** In front of the entry's content; its length depends on the name alone. */
export const entryHead = (entry: ZipEntry): Uint8Array =>
  Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), sharedFields(entry), nameAndSizes(entry)])

/** What ends an archive that holds this entry alone, at its beginning. */
export const archiveEnd = (entry: ZipEntry): Uint8Array => {
  const made = Buffer.alloc(2)
  made.writeUInt16LE(VERSION)
  // No comment, first disk, no attributes; the entry begins at 0.
  const place = Buffer.alloc(14)
  const signature = Buffer.from('PK\x01\x02', 'latin1')
  const directory = Buffer.concat([signature, made, sharedFields(entry), place, nameAndSizes(entry)])
  const directoryAt = entryHead(entry).length + entry.compressedBytes
  const wide = Buffer.alloc(56)
  wide.write('PK\x06\x06', 0, 'latin1')
  wide.writeBigUInt64LE(44n, 4)
  wide.writeUInt16LE(VERSION, 12)
  wide.writeUInt16LE(VERSION, 14)
  wide.writeBigUInt64LE(1n, 24)
  wide.writeBigUInt64LE(1n, 32)
  wide.writeBigUInt64LE(BigInt(directory.length), 40)
  wide.writeBigUInt64LE(BigInt(directoryAt), 48)
  const locator = Buffer.alloc(20)
  locator.write('PK\x06\x07', 0, 'latin1')
  locator.writeBigUInt64LE(BigInt(directoryAt + directory.length), 8)
  locator.writeUInt32LE(1, 16)
  const end = Buffer.alloc(22)
  end.write('PK\x05\x06', 0, 'latin1')
  end.writeUInt16LE(1, 8)
  end.writeUInt16LE(1, 10)
  end.writeUInt32LE(directory.length, 12)
  end.writeUInt32LE(ELSEWHERE, 16)
  return Buffer.concat([directory, wide, locator, end])
}
