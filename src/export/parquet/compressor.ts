/** Compresses pages with zstd: the same bytes on every machine. Owns the level, and loading the code. */
import { compress, init } from '@bokuweb/zstd-wasm'

/** Higher ones take two to ten times as long for a few bytes in a hundred. */
const LEVEL = 1

/** A page as it is stored. */
export type Compress = (bytes: Uint8Array) => Uint8Array

// Loading it again would put another memory in the place of one that is in use.
let loaded: Promise<void> | undefined

/** Loads the compressor, once a process. */
export const loadCompressor = async (): Promise<Compress> => {
  loaded ??= init()
  await loaded
  return (bytes) => compress(bytes, LEVEL)
}
