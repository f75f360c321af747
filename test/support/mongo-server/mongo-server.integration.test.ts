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

    it('changes a document in one step: of those who saw it as it was one wins', async () => {
      const server = await source?.start()
      if (server === undefined) throw new Error('no server')
      const client = new MongoClient(server.newUrl())
      const turns = client.db().collection<{ _id: string; turn: number }>('turns')
      await turns.insertOne({ _id: 'one', turn: 0 })
      for (let turn = 0; turn < 25; turn++) {
        const tries = Array.from({ length: 4 }, async () => {
          const { matchedCount } = await turns.updateOne({ _id: 'one', turn }, { $set: { turn: turn + 1 } })
          return matchedCount
        })
        expect((await Promise.all(tries)).filter((matched) => matched === 1).length).toBe(1)
      }
      await client.close()
      await server.close()
    })
  },
)
