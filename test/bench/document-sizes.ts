/** What a chunk costs a MongoDB store beside its payload: its document, and its keys in the indexes. */
import { Buffer } from 'node:buffer'

import { BSON, type Db } from 'mongodb'

import type { Row } from './row.ts'

/** A key holds its values, a type each, and the place of its document. */
const KEY_OVERHEAD = 8

const valueBytes = (value: unknown): number =>
  typeof value === 'string' ? Buffer.byteLength(value) + 2 : typeof value === 'number' ? 9 : 1

const average = (values: readonly number[]): number =>
  values.reduce((total, value) => total + value, 0) / Math.max(1, values.length)

/** Bytes of all index keys of a collection's documents, on average, before the server's prefix compression. */
const keyBytes = async (database: Db, name: string): Promise<number> => {
  const collection = database.collection(name)
  const indexes = await collection.indexes()
  const documents = await collection.find().toArray()
  return average(
    documents.map((document) =>
      indexes.reduce(
        (total, { key }) =>
          total +
          KEY_OVERHEAD +
          Object.keys(key).reduce(
            (bytes, field) => bytes + valueBytes((document as Record<string, unknown>)[field]),
            0,
          ),
        0,
      ),
    ),
  )
}

/** Of a database that holds the chunks of a store and nothing else. */
export const documentSizes = async (database: Db): Promise<readonly Row[]> => {
  const documents = await database.collection('chunks').find().toArray()
  const bytes = average(documents.map((document) => BSON.calculateObjectSize(document)))
  const keys = (await keyBytes(database, 'chunks')) + (await keyBytes(database, 'payloads'))
  return [
    {
      name: 'a chunk beside its payload',
      value: `${bytes.toFixed(0)} B`,
      note: `its document; its keys in all indexes ${keys.toFixed(0)} B, before prefix compression`,
    },
  ]
}
