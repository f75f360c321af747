import { MongoClient } from 'mongodb'
import { describe, expect, it } from 'vitest'

import { findMongo } from './mongo-server.ts'

const source = await findMongo()

describe.skipIf(source?.isOurs !== true)(
  `a server of the tests' own (${source?.name ?? 'no server, no Go'})`,
  () => {
    it('keeps what it acknowledged when it is killed, on the same port', async () => {
      const server = await source?.start()
      if (server === undefined) throw new Error('no server')
      const client = new MongoClient(server.newUrl())
      const numbers = client.db().collection<{ _id: number }>('numbers')
      for (let round = 0; round < 3; round++) {
        for (let number = 0; number < 20; number++) await numbers.insertOne({ _id: round * 20 + number })
        await server.kill()
        await server.restart()
      }
      expect(await numbers.countDocuments()).toBe(60)
      await client.close()
      await server.close()
    })
  },
)
