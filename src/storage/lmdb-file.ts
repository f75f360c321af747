/** Looks at an LMDB file before LMDB does: given a file that is none, its binding ends the process with a segmentation fault. */
import { Buffer } from 'node:buffer'
import { closeSync, existsSync, fstatSync, openSync, readSync } from 'node:fs'

const MAGIC = 0xbeefc0de
const MAGIC_AT = 24
const PAGE_SIZE_AT = 48
const META_BYTES = 64

/** True for a file that is missing, new (empty), or begins with LMDB's two meta pages. Throws the system's error. */
export const isLmdbFile = (path: string): boolean => {
  if (!existsSync(path)) return true
  const descriptor = openSync(path, 'r')
  try {
    if (fstatSync(descriptor).size === 0) return true
    const meta = Buffer.alloc(META_BYTES)
    readSync(descriptor, meta, 0, META_BYTES, 0)
    if (meta.readUInt32LE(MAGIC_AT) !== MAGIC) return false
    const read = readSync(descriptor, meta, 0, META_BYTES, meta.readUInt32LE(PAGE_SIZE_AT))
    return read === META_BYTES && meta.readUInt32LE(MAGIC_AT) === MAGIC
  } finally {
    closeSync(descriptor)
  }
}
