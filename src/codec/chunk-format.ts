/** Opens chunks of every format: the list of formats, and the checks of a payload against its header. */
import { createHash } from 'node:crypto'

import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js'

import type { ChunkHeader } from '../log/chunk.ts'
import { MalformedBatch, RECORD_HEADER_BYTES } from '../log/entry.ts'
import { PLAIN_FORMAT, unpackPlain } from './chunk-plain.ts'
import { type RecordSurvey, surveyRecords } from './record-survey.ts'

/** What is wrong with stored bytes; `detail` is a part of a sentence. */
export interface ChunkDamage {
  readonly kind: 'unknown-format' | 'hash-mismatch' | 'malformed'
  readonly detail: string
}

/** Gives a payload's packed records, at most `limit` bytes of them; Left: what is wrong. */
type Unpack = (payload: Uint8Array, limit: number) => Either<string, Uint8Array>

/** Every format ever released, by the name in the header. */
const FORMATS: ReadonlyMap<string, Unpack> = new Map([[PLAIN_FORMAT, unpackPlain]])

/** The packed records of a chunk, checked: hash, size, seqs and times are what the header says. */
export const decodeChunk = (header: ChunkHeader, payload: Uint8Array): Either<ChunkDamage, Uint8Array> => {
  const unpack = FORMATS.get(header.format)
  if (unpack === undefined) {
    const known = [...FORMATS.keys()].join(', ')
    const detail = `its format ${JSON.stringify(header.format)} is not one this version reads (${known})`
    return left({ kind: 'unknown-format', detail })
  }
  if (createHash('sha256').update(payload).digest('hex') !== header.payloadHash)
    return left({
      kind: 'hash-mismatch',
      detail: 'the stored bytes are not those that were written (SHA-256)',
    })
  if (payload.length !== header.storedBytes) return malformed('the header tells another size of the payload')
  const size = header.rawBytes + header.entries * RECORD_HEADER_BYTES
  const unpacked = unpack(payload, size)
  if (isLeft(unpacked)) return malformed(unpacked.left)
  const difference = differenceFrom(header, unpacked.right)
  return difference === undefined ? unpacked : malformed(difference)
}

const malformed = (detail: string): Either<ChunkDamage, never> => left({ kind: 'malformed', detail })

const differenceFrom = (header: ChunkHeader, records: Uint8Array): string | undefined => {
  const surveyed = survey(records)
  if (isLeft(surveyed)) return surveyed.left
  const found = surveyed.right
  if (found.firstSeq !== header.firstSeq || found.lastSeq !== header.lastSeq)
    return `it holds entries ${String(found.firstSeq)} to ${String(found.lastSeq)}, not those its header names`
  if (found.entries !== header.entries || found.rawBytes !== header.rawBytes)
    return 'its entries are not as many or as long as its header says'
  if (found.firstReceiveTime !== header.firstReceiveTime || found.lastReceiveTime !== header.lastReceiveTime)
    return 'its receive times are not those its header names'
  return undefined
}

const survey = (records: Uint8Array): Either<string, RecordSurvey> => {
  try {
    return right(surveyRecords(records))
  } catch (error) {
    if (error instanceof MalformedBatch) return left(error.message)
    throw error
  }
}
