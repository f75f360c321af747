/**
 * The documents of the collection `chunks` as parts of a log: a chunk's or a tombstone's. A tombstone stands under the
 * `_id` of the first entry that is missing; whatever else stands among its entries is a rest that nobody reads.
 */
import { isLeft } from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'

import { decodeTombstone, encodeTombstone } from '../../codec/documents.ts'
import { StoreFailure } from '../../log/event-store.ts'
import type { LogPart, Tombstone } from '../../log/tombstone.ts'
import type { StreamId } from '../../market/instrument.ts'
import {
  altered,
  at,
  bytes,
  checkedVersion,
  checkFields,
  type ChunkDocument,
  headerIn,
  partFields,
  partFieldsOf,
} from './mongo-documents.ts'

const tombstoneDocument = t.type({
  ...partFields,
  /** The kind of tombstone. A chunk has no such field. */
  hole: t.string,
  tombstone: bytes,
})
export type TombstoneDocument = t.TypeOf<typeof tombstoneDocument> & {
  /** There may be rests of what it stands for. */
  readonly unfinished?: true
}
/** Marks of a chunk that is being made two, and of the second one until the first stands: see chunk-split. */
interface SplitMarks {
  readonly splitting?: string
  readonly splitOf?: string
}

export type PartDocument = (ChunkDocument & SplitMarks) | TombstoneDocument

export const tombstoneDocumentOf = (stone: Tombstone): TombstoneDocument => ({
  ...partFieldsOf(stone),
  hole: stone.kind,
  tombstone: encodeTombstone(stone),
})

const tombstoneIn = (document: unknown, stream: StreamId): Tombstone => {
  const place = at('chunks', document, stream, 'firstSeq')
  const found = checkedVersion(tombstoneDocument, document, place)
  const stone = decodeTombstone(found.tombstone)
  if (isLeft(stone)) throw altered(place, document, `its field "tombstone" is wrong: ${stone.left}`)
  checkFields(found, tombstoneDocumentOf(stone.right), place)
  return stone.right
}

/** The part in a document that was asked for by its stream. Throws StoreFailure when a newer version wrote it. */
export const partIn = (document: PartDocument, stream: StreamId): LogPart => {
  try {
    return 'hole' in document
      ? { kind: 'hole', tombstone: tombstoneIn(document, stream) }
      : { kind: 'chunk', header: headerIn(document, stream) }
  } catch (error) {
    if (!(error instanceof StoreFailure) || error.error.kind !== 'damaged') throw error
    return { kind: 'unreadable', firstSeq: document.firstSeq, detail: error.error.detail }
  }
}

const spanDocument = t.intersection([
  t.type({ _id: t.string, firstSeq: t.number, lastSeq: t.number }),
  t.partial({
    payloadHash: t.string,
    storedBytes: t.number,
    hole: t.string,
    unfinished: t.boolean,
    splitOf: t.string,
  }),
])
/** What of a document says where its part stands. */
export type PartSpan = t.TypeOf<typeof spanDocument>

/** The fields of a PartSpan. */
export const SPAN_FIELDS = {
  firstSeq: 1,
  lastSeq: 1,
  payloadHash: 1,
  storedBytes: 1,
  hole: 1,
  unfinished: 1,
  splitOf: 1,
} as const

/** Undefined: it was altered. */
export const spanIn = (document: unknown): PartSpan | undefined => {
  const decoded = spanDocument.decode(document)
  return isLeft(decoded) ? undefined : decoded.right
}
