/** Opens the first blocks of a columnar payload: its head, directory and tables. Owns what a payload may claim to hold. */
import { RECORD_HEADER_BYTES } from '../../log/entry.ts'
import { slotsOf } from '../template/skeleton.ts'
import { BlockReader } from './block-stream.ts'
import { MalformedColumns } from './byte-stream.ts'
import { COLUMNS_HEAD } from './columns-head.ts'
import type { Layout } from './layout.ts'
import { LayoutReader } from './read-layout.ts'

/** What the header says a payload holds. */
export interface ContentLimits {
  readonly entries: number
  /** Bytes of all payloads of the entries. */
  readonly rawBytes: number
}

/** The directory, and where reading goes on. */
export interface Directory {
  readonly layout: Layout
  readonly skeletons: readonly Uint8Array[]
  /** All texts, one behind the other. */
  readonly texts: Uint8Array<ArrayBuffer>
  /** Stands at the blocks of ids. */
  readonly blocks: BlockReader
}

/** Bytes that tables take however few entries there are. */
const SPARE = 65_536
/** Tables and columns hold less than so many bytes for each byte of the records. */
const BYTES_PER_BYTE = 16
/** The most bytes that the records of a chunk may have. */
const MOST_BYTES = 2 ** 29

const checkHead = (payload: Uint8Array): void => {
  if (!COLUMNS_HEAD.every((byte, index) => index === 2 || payload[index] === byte))
    throw new MalformedColumns('the payload does not begin as its format says')
  const version = payload[2] ?? 0
  if (version === COLUMNS_HEAD[2]) return
  const versions = `version ${String(version)} of its format, which is not one this version reads`
  throw new MalformedColumns(`the payload is of ${versions} (${String(COLUMNS_HEAD[2])})`)
}

const skeletonsOf = (lengths: readonly number[], tables: Uint8Array): readonly Uint8Array[] => {
  let at = 0
  return lengths.map((length) => {
    if (at + length > tables.length) throw new MalformedColumns('a template is cut')
    at += length
    return tables.subarray(at - length, at)
  })
}

/** Throws MalformedColumns. */
export const openDirectory = (payload: Uint8Array, limits: ContentLimits): Directory => {
  const bytes = limits.rawBytes + limits.entries * RECORD_HEADER_BYTES
  if (!(bytes <= MOST_BYTES)) throw new MalformedColumns('the header claims more than a chunk may hold')
  checkHead(payload)
  const blocks = new BlockReader(payload, COLUMNS_HEAD.length, SPARE + bytes * BYTES_PER_BYTE)
  const directory = new LayoutReader(blocks.next('directory'), limits)
  const tables = blocks.next('templates and texts')
  const first = directory.readScope()
  const skeletons = skeletonsOf(first.skeletonLengths, tables)
  const kinds = skeletons.map((skeleton) => slotsOf(skeleton)?.map(({ kind }) => kind))
  const layout = directory.readRest((template) => kinds[template], first)
  const texts = tables.slice(first.skeletonLengths.reduce((sum, length) => sum + length, 0))
  return { layout, skeletons, texts, blocks }
}
