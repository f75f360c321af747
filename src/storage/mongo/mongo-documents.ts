/**
 * The documents of chunks and payloads in a MongoDB store: their fields, their `_id`s, and their io-ts codecs; what every kind
 * of document is checked with. One that is not what was written is a `damaged` StoreFailure that names collection, `_id` and path.
 */
import { isLeft } from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'

import { decodeHeader, encodeHeader } from '../../codec/documents.ts'
import type { ChunkHeader } from '../../log/chunk.ts'
import type { Seq } from '../../log/entry.ts'
import { StoreFailure } from '../../log/event-store.ts'
import type { Tombstone } from '../../log/tombstone.ts'
import type { StreamId } from '../../market/instrument.ts'

export const DOCUMENT_VERSION = 1

export const bytes = new t.Type<Uint8Array>(
  'bytes',
  (input): input is Uint8Array => input instanceof Uint8Array,
  (input, context) => (input instanceof Uint8Array ? t.success(input) : t.failure(input, context)),
  t.identity,
)

const versioned = t.type({ version: t.number })

/** What every part of a log says for queries, a chunk's document as a tombstone's. */
export const partFields = {
  _id: t.string,
  version: t.number,
  stream: t.string,
  firstSeq: t.number,
  lastSeq: t.number,
  firstReceiveTime: t.number,
  lastReceiveTime: t.number,
}

/** The values of these fields. */
export const partFieldsOf = ({
  stream,
  firstSeq,
  lastSeq,
  firstReceiveTime,
  lastReceiveTime,
}: ChunkHeader | Tombstone) => ({
  _id: placeId(stream, firstSeq),
  version: DOCUMENT_VERSION,
  stream,
  firstSeq,
  lastSeq,
  firstReceiveTime,
  lastReceiveTime,
})

/** A chunk without its payload. The fields beside `header` are for queries; `header` is what counts. */
const chunkDocument = t.type({
  ...partFields,
  entries: t.number,
  format: t.string,
  rawBytes: t.number,
  storedBytes: t.number,
  payloadHash: t.string,
  chainBefore: t.string,
  chainAfter: t.string,
  decoderVersion: t.number,
  gaps: t.number,
  valid: t.boolean,
  verified: t.boolean,
  digest: t.string,
  header: bytes,
})
export type ChunkDocument = t.TypeOf<typeof chunkDocument>

const payloadDocument = t.type({ _id: t.string, bytes })
/** A payload, or one part of a large one. */
export type PayloadDocument = t.TypeOf<typeof payloadDocument>

const markerDocument = t.type({ _id: t.string, format: t.string, version: t.number })
/** Says that the database is a store, and of which format. */
export type MarkerDocument = t.TypeOf<typeof markerDocument>

/** A number as `_id`s have it: they sort like the entries. */
export const paddedNumber = (number: number): string => String(number).padStart(16, '0')

/** Reads well in a shell. */
export const placeId = (stream: StreamId, seq: Seq): string => `${stream}/${paddedNumber(seq)}`

/** The entry that an `_id` names, whatever the fields of its document say. */
export const seqOfId = (id: unknown): Seq => (typeof id === 'string' ? Number(id.slice(-16)) || 0 : 0)

export const chunkDocumentOf = (header: ChunkHeader): ChunkDocument => ({
  ...partFieldsOf(header),
  entries: header.entries,
  format: header.format,
  rawBytes: header.rawBytes,
  storedBytes: header.storedBytes,
  payloadHash: header.payloadHash,
  chainBefore: header.chainBefore,
  chainAfter: header.chainAfter,
  decoderVersion: header.verdict.decoderVersion,
  gaps: header.verdict.gaps.length,
  valid: header.verdict.book.valid,
  verified: header.verdict.book.verified,
  digest: header.verdict.book.digest,
  header: encodeHeader(header),
})

/** Where a document stands, for what is said about it. */
export interface Place {
  readonly collection: string
  readonly stream: StreamId
  readonly seq: Seq
}

const idOf = (document: unknown): string =>
  typeof document === 'object' && document !== null && '_id' in document ? String(document._id) : '?'

/** A document that is not what was written. */
export const altered = (
  { collection, stream, seq }: Place,
  document: unknown,
  detail: string,
): StoreFailure =>
  new StoreFailure({
    kind: 'damaged',
    stream,
    seq,
    detail: `the document "${idOf(document)}" of the collection ${collection} is not what was written: ${detail}.`,
  })

const checked = <A>(codec: t.Type<A, unknown>, document: unknown, place: Place): A => {
  const decoded = codec.decode(document)
  if (!isLeft(decoded)) return decoded.right
  const path = (decoded.left[0]?.context ?? []).map(({ key }) => key).filter((key) => key !== '')
  throw altered(place, document, `its field "${path.join('.')}" is not what it should be`)
}

/** The version is looked at first: fields may have other meanings in a newer one. */
export const checkedVersion = <A>(codec: t.Type<A, unknown>, document: unknown, place: Place): A => {
  const { version } = checked(versioned, document, place)
  if (version <= DOCUMENT_VERSION) return checked(codec, document, place)
  const message = `The document "${idOf(document)}" of the collection ${place.collection} has version ${String(version)}, newer than this version's ${String(DOCUMENT_VERSION)}: use a newer bookreel.`
  throw new StoreFailure({ kind: 'unavailable', message })
}

/** Fields that queries use must say what the document proper says. */
export const checkFields = (
  found: Readonly<Record<string, unknown>>,
  right: Readonly<Record<string, unknown>>,
  place: Place,
): void => {
  const wrong = Object.keys(right).find(
    (name) => !(right[name] instanceof Uint8Array) && found[name] !== right[name],
  )
  if (wrong !== undefined) throw altered(place, found, `its field "${wrong}" contradicts the rest of it`)
}

export const at = (collection: string, document: unknown, stream: StreamId, field: string): Place => {
  const seq: unknown = (document as Readonly<Record<string, unknown>>)[field]
  return { collection, stream, seq: typeof seq === 'number' ? seq : 0 }
}

/** The header in a document that was asked for by its stream. Throws StoreFailure. */
export const headerIn = (document: unknown, stream: StreamId): ChunkHeader => {
  const place = at('chunks', document, stream, 'firstSeq')
  const found = checkedVersion(chunkDocument, document, place)
  const header = decodeHeader(found.header)
  if (isLeft(header)) throw altered(place, document, `its field "header" is wrong: ${header.left}`)
  checkFields(found, chunkDocumentOf(header.right), place)
  return header.right
}

/** Throws StoreFailure. `document`: as found by its `_id`; null: not there. */
export const bytesIn = (document: unknown, id: string, stream: StreamId, seq: Seq): Uint8Array => {
  const place: Place = { collection: 'payloads', stream, seq }
  if (document === null) throw altered(place, { _id: id }, 'it is missing')
  return checked(payloadDocument, document, place).bytes
}

/** Undefined when it is no marker. */
export const markerIn = (document: unknown): MarkerDocument | undefined => {
  const decoded = markerDocument.decode(document)
  return isLeft(decoded) ? undefined : decoded.right
}
