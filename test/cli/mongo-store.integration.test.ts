/** The command line on a MongoDB store: the same answers as on the embedded one, and no password in any of them. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { MongoClient } from 'mongodb'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { findMongo, type MongoServer } from '../support/mongo-server/mongo-server.ts'
import { runCommand } from '../support/recorder-process.ts'

const source = await findMongo()
const folder = mkdtempSync(join(tmpdir(), 'bookreel-mongo-cli-'))
let server: MongoServer

/** `session`: later ones hold later frames. */
const captureLines = (session = 0): string => {
  const frames = [
    '{"event":"info","version":2}',
    '{"event":"subscribed","channel":"trades","chanId":2,"symbol":"tBTCUSD"}',
  ]
  for (let trade = 1; trade <= 300; trade++)
    frames.push(`[2,"te",[${String(trade)},${String(1_700_000_000_000 + trade)},0.1,60000]]`)
  return frames
    .map(
      (text, index) =>
        `${JSON.stringify({ t: 1_000_000 * (session + 1) + index, conn: 1, dir: 'in', text })}\n`,
    )
    .join('')
}

const outputOf = async (...words: string[]): Promise<string> => {
  const { code, stdout, stderr } = await runCommand(...words)
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return stdout
}

describe.skipIf(source === undefined)(`commands on MongoDB (${source?.name ?? 'no server, no Go'})`, () => {
  beforeAll(async () => {
    if (source !== undefined) server = await source.start()
  })
  afterAll(async () => {
    await server.close()
    rmSync(folder, { recursive: true, force: true })
  })

  it('gives the same answers as on the embedded store, after push, and after pull', async () => {
    const stream = 'bitfinex:BTC-USD'
    const file = join(folder, 'capture.jsonl')
    writeFileSync(file, captureLines())
    const embedded = `file:${join(folder, 'one')}`
    const pulled = `file:${join(folder, 'two')}`
    const mongo = server.newUrl()
    const spool = ['--spool', join(folder, 'spool')]
    await outputOf('import', file, '--stream', stream, '--store', embedded)
    const pushed = JSON.parse(
      await outputOf('push', '--store', embedded, '--to', mongo, '--json', ...spool),
    ) as unknown
    expect(pushed).toMatchObject({ streams: [{ stream, chunks: 1 }] })
    expect(await outputOf('push', '--store', embedded, '--to', mongo, ...spool)).toMatch(/nothing new/)
    expect(await outputOf('pull', '--store', pulled, '--from', mongo)).toMatch(/entries in 1 chunks/)
    for (const words of [
      ['info', '--json'],
      ['verify', '--json'],
      ['export', 'frames', stream],
      ['book', stream, '--json'],
    ]) {
      const expected = await outputOf(...words, '--store', embedded)
      expect(await outputOf(...words, '--store', mongo)).toBe(expected)
      expect(await outputOf(...words, '--store', pulled)).toBe(expected)
    }
  })

  it('proves, rebuilds, repairs and compacts as on the embedded store', async () => {
    const stream = 'bitfinex:BTC-USD'
    const file = join(folder, 'again.jsonl')
    const embedded = `file:${join(folder, 'three')}`
    const mongo = server.newUrl()
    const spool = ['--spool', join(folder, 'spool')]
    for (const store of [embedded, mongo]) {
      const own = store === mongo ? spool : []
      for (let session = 0; session < 2; session++) {
        writeFileSync(file, captureLines(session))
        await outputOf('import', file, '--stream', stream, '--store', store, ...own)
      }
    }
    const both = async (...words: string[]): Promise<unknown> => {
      const expected = JSON.parse(await outputOf(...words, '--store', embedded)) as unknown
      const own = /^(rebuild|repair)$/.test(words[0] ?? '') ? spool : []
      expect(JSON.parse(await outputOf(...words, '--store', mongo, ...own))).toEqual(expected)
      return expected
    }
    await both('rebuild', '--all', '--json')
    expect(await both('compact', '--json')).toMatchObject({ streams: [{ chunksBefore: 2, chunksAfter: 1 }] })
    await both('verify', '--json')
    expect(await both('repair', '--yes', '--json')).toEqual({ repaired: [] })

    writeFileSync(file, captureLines(2))
    await outputOf('import', file, '--stream', stream, '--store', mongo, ...spool)
    const client = new MongoClient(mongo)
    const chunks = client.db().collection<{ _id: string }>('chunks')
    await chunks.updateOne({ _id: `${stream}/0000000000000001` }, { $set: { header: Buffer.from('x') } })
    await client.close()
    const damaged = await runCommand('verify', '--store', mongo)
    expect(damaged.code).toBe(3)
    expect(damaged.stdout + damaged.stderr).toMatch(/of the collection chunks is not what was written/)
    expect(await outputOf('repair', '--yes', '--store', mongo, ...spool)).toMatch(/a hole from entry 1 to/)
    expect(await outputOf('repair', '--yes', '--store', mongo, ...spool)).toMatch(/Nothing is damaged/)
    writeFileSync(file, captureLines(3))
    await outputOf('import', file, '--stream', stream, '--store', mongo, ...spool)
    const { stdout } = await runCommand('verify', '--store', mongo)
    expect(stdout).toMatch(/quarantined at entry 1:/)
    expect(stdout).not.toMatch(/damaged-chunk|missing-entries|chain-broken/)
    const holes = `file:${join(folder, 'four')}`
    await outputOf('pull', '--store', holes, '--from', mongo)
    expect((await runCommand('verify', '--store', holes)).stdout).toBe(stdout)
    const frames = ['export', 'frames', stream, '--from', 'seq:1025']
    expect(await outputOf(...frames, '--store', holes)).toBe(await outputOf(...frames, '--store', mongo))
  })

  it.each([
    ['info', /cannot be reached|does not answer/],
    ['verify', /cannot be reached|does not answer/],
  ])(
    '%s says in one sentence that the server is not there, without the password',
    async (words, expected) => {
      const store = 'mongodb://ann:secret@127.0.0.1:1/books?serverSelectionTimeoutMS=200'
      const { code, stdout, stderr } = await runCommand(...words.split(' '), '--store', store)
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
      expect(stderr).toMatch(/^bookreel: [^\n]+\n$/)
      expect(stderr).toMatch(expected)
      expect(stderr).not.toMatch(/secret|\bann:|^\s+at /m)
    },
  )
})
