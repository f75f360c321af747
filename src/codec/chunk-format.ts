/** Opens chunks of every format: the list of formats, and the checks of a payload against its header. */
import { createHash } from 'node:crypto'

import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js'

import type { ChunkHeader } from '../log/chunk.ts'
import { MalformedBatch, RECORD_HEADER_BYTES } from '../log/entry.ts'
import { COLUMNS_FORMAT, openColumnar } from './chunk-columns.ts'
import {
  type ChunkContents,
  type ChunkDamage,
  contentsOf,
  contentsOfColumns,
  OTHER_LENGTH,
} from './chunk-contents.ts'
import { PLAIN_FORMAT, unpackPlain } from './chunk-plain.ts'
import { surveyColumns } from './columns/survey-columns.ts'
import { type RecordSurvey, surveyRecords } from './record-survey.ts'

export { type ChunkContents, type ChunkDamage, contentsOf } from './chunk-contents.ts'

/** Opens the payload of one format and compares it with the header; Left: what is wrong. */
type Open = (header: ChunkHeader, payload: Uint8Array) => Either<string, ChunkContents>

const openPlain: Open = (header, payload) => {
  const unpacked = unpackPlain(payload, header.rawBytes + header.entries * RECORD_HEADER_BYTES)
  if (isLeft(unpacked)) return unpacked
  const difference = differenceFrom(header, unpacked.right)
  if (difference !== undefined) return left(difference)
  return right(contentsOf(unpacked.right))
}

const openColumns: Open = (header, payload) => {
  const { entries, rawBytes } = header
  const opened = openColumnar(payload, { entries, rawBytes })
  if (isLeft(opened)) return opened
  const columns = opened.right
  const difference = differenceOf(header, surveyColumns(columns, rawBytes))
  if (difference !== undefined) return left(difference)
  return right(contentsOfColumns(columns, rawBytes))
}

/** Every format ever released, by the name in the header. */
const FORMATS: ReadonlyMap<string, Open> = new Map([
  [PLAIN_FORMAT, openPlain],
  [COLUMNS_FORMAT, openColumns],
])

/** Opens a chunk, checked: hash, seqs, times, kinds and counts are what the header says. */
export const openPayload = (header: ChunkHeader, payload: Uint8Array): Either<ChunkDamage, ChunkContents> => {
  const open = FORMATS.get(header.format)
  if (open === undefined) {
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
  const opened = open(header, payload)
  return isLeft(opened) ? malformed(opened.left) : opened
}

/** The packed records of a chunk, checked as `openPayload` does, and of the length that the header says. */
export const decodeChunk = (header: ChunkHeader, payload: Uint8Array): Either<ChunkDamage, Uint8Array> => {
  const opened = openPayload(header, payload)
  return isLeft(opened) ? opened : opened.right.records()
}

const malformed = (detail: string): Either<ChunkDamage, never> => left({ kind: 'malformed', detail })

const differenceFrom = (header: ChunkHeader, records: Uint8Array): string | undefined => {
  const surveyed = survey(records)
  if (isLeft(surveyed)) return surveyed.left
  return differenceOf(header, surveyed.right)
}

const differenceOf = (header: ChunkHeader, found: RecordSurvey): string | undefined => {
  if (found.firstSeq !== header.firstSeq || found.lastSeq !== header.lastSeq)
    return `it holds entries ${String(found.firstSeq)} to ${String(found.lastSeq)}, not those its header names`
  if (found.entries !== header.entries || found.rawBytes !== header.rawBytes) return OTHER_LENGTH
  if (JSON.stringify(found.kinds) !== JSON.stringify(header.kinds))
    return 'its entries are not of the kinds its header counts'
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
