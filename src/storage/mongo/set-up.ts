/** A database as a store: its marker, its collections and its indexes, and what may be opened. */
import { type Collection, type Db, type MongoClient } from 'mongodb'

import { StoreFailure } from '../../log/event-store.ts'
import type { KeyframeDocument } from './keyframe-documents.ts'
import type { LeaseDocument } from './lease-documents.ts'
import { databaseOf, shownAddress } from './mongo-address.ts'
import { type MarkerDocument, markerIn, type PayloadDocument } from './mongo-documents.ts'
import { isDuplicate } from './mongo-errors.ts'
import type { PartDocument } from './part-documents.ts'
import type { QuarantineDocument } from './quarantine-documents.ts'
import type { RunDocument } from './run-documents.ts'

const FORMAT = 'bookreel-store'
const VERSION = 1
const MARKER_ID = 'store'
const MARKERS = 'bookreel'

/** `read`, `change`: only a store that is there; `write`: made in an empty database. */
export type OpenMode = 'read' | 'write' | 'change'

export interface Collections {
  readonly chunks: Collection<PartDocument>
  readonly keyframes: Collection<KeyframeDocument>
  readonly payloads: Collection<PayloadDocument>
  readonly quarantine: Collection<QuarantineDocument>
  readonly leases: Collection<LeaseDocument>
  readonly runs: Collection<RunDocument>
  /** The server's clock. */
  readonly now: () => Promise<Date>
}

const refuse = (message: string): StoreFailure => new StoreFailure({ kind: 'unavailable', message })

const checkMarker = (document: unknown, place: string): void => {
  const marker = markerIn(document)
  if (marker?.format !== FORMAT)
    throw refuse(`The database ${place} does not say that it is a store: name another database.`)
  if (marker.version > VERSION)
    throw refuse(
      `The store at ${place} has format ${String(marker.version)}, newer than this version's ${String(VERSION)}: use a newer bookreel.`,
    )
}

const checkEmpty = async (database: Db, place: string): Promise<void> => {
  const found = await database.listCollections({}, { nameOnly: true, authorizedCollections: true }).toArray()
  const other = found.find(({ name }) => !name.startsWith('system.') && name !== MARKERS)
  if (other !== undefined)
    throw refuse(
      `The database ${place} holds something else (the collection ${other.name}) and is not a store: name a new or an empty one.`,
    )
}

const timeIn = ({ localTime }: Readonly<Record<string, unknown>>): Date => {
  if (localTime instanceof Date) return localTime
  throw new Error('the server does not tell its time')
}

const mark = async (markers: Collection<MarkerDocument>): Promise<void> => {
  try {
    await markers.insertOne({ _id: MARKER_ID, format: FORMAT, version: VERSION })
  } catch (error) {
    // Another recorder was quicker.
    if (!isDuplicate(error)) throw error
  }
}

/** One at a time, each made again without harm. */
const makeIndexes = async ({ chunks, keyframes }: Collections): Promise<void> => {
  await chunks.createIndex({ stream: 1, firstSeq: 1 }, { name: 'stream_firstSeq', unique: true })
  // Tombstones with rests: none nearly always, and asked for before every reading.
  await chunks.createIndex({ stream: 1, unfinished: 1 }, { name: 'stream_unfinished' })
  await chunks.createIndex({ stream: 1, lastReceiveTime: 1 }, { name: 'stream_lastReceiveTime' })
  await keyframes.createIndex({ stream: 1, seq: 1 }, { name: 'stream_seq', unique: true })
}

/** The collections of a store. Throws StoreFailure when the database is none, or the driver's error. */
export const openDatabase = async (
  client: MongoClient,
  url: string,
  mode: OpenMode,
): Promise<Collections> => {
  const database = client.db(databaseOf(url))
  const place = shownAddress(url)
  const markers = database.collection<MarkerDocument>(MARKERS)
  const collections = {
    chunks: database.collection<PartDocument>('chunks'),
    keyframes: database.collection<KeyframeDocument>('keyframes'),
    payloads: database.collection<PayloadDocument>('payloads'),
    quarantine: database.collection<QuarantineDocument>('quarantine'),
    leases: database.collection<LeaseDocument>('leases'),
    runs: database.collection<RunDocument>('runs'),
    now: async () => timeIn(await database.command({ hello: 1 })),
  }
  const marker = await markers.findOne({ _id: MARKER_ID })
  if (marker !== null) checkMarker(marker, place)
  else {
    await checkEmpty(database, place)
    if (mode !== 'write')
      throw refuse(`There is no store at ${place}: record or import into it first, or name another --store.`)
    await mark(markers)
  }
  if (mode !== 'read') await makeIndexes(collections)
  return collections
}
