/** What a MongoDB server may refuse, as a user meets it: exit code 1, one sentence, no stack, no password. */
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer } from 'node:tls'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { runCommand } from '../support/recorder-process.ts'
import { found, mongoError, type MongoScript, startScriptedMongo } from '../support/scripted-mongo.ts'

const QUICK = 'serverSelectionTimeoutMS=1000'
const folder = mkdtempSync(join(tmpdir(), 'bookreel-refusals-'))

beforeAll(() => {
  writeFileSync(
    join(folder, 'good.jsonl'),
    '{"t":1,"conn":1,"dir":"in","text":"{\\"type\\":\\"heartbeat\\"}"}\n',
  )
})
afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

const words: Readonly<Record<'import' | 'info' | 'record', readonly string[]>> = {
  import: [
    'import',
    join(folder, 'good.jsonl'),
    '--stream',
    'coinbase:BTC-USD',
    '--spool',
    join(folder, 's'),
  ],
  info: ['info'],
  // Nothing is connected to before the store is known.
  record: ['record', 'BTC-USD', '--venue', 'bitfinex', '--spool', join(folder, 's')],
}

const expectSentence = async (
  command: keyof typeof words,
  store: string,
  sentence: RegExp,
): Promise<void> => {
  const { code, stdout, stderr } = await runCommand(...words[command], '--store', store)
  expect({ code, stdout, stderr }).toMatchObject({ code: 1, stdout: '' })
  expect(stderr).toMatch(sentence)
  expect(stderr).toMatch(/^bookreel: [^\n]+\.\n$/)
  expect(stderr).not.toMatch(/hush|\bann\b|^\s+at /m)
}

type Case = readonly [
  what: string,
  command: keyof typeof words,
  script: MongoScript,
  query: string,
  sentence: RegExp,
]

const NOT_PRIMARY = mongoError(10107, 'NotWritablePrimary', 'not primary')
const SECONDARY = { isWritablePrimary: false, ismaster: false, secondary: true, setName: 'rs0', hosts: ['127.0.0.1:1'] } // prettier-ignore
const FAILED = mongoError(18, 'AuthenticationFailed', 'Authentication failed.')
const DENIED = mongoError(13, 'Unauthorized', 'not authorized on books to execute command')
const marked = (version: number) => ({ find: found({ _id: 'store', format: 'bookreel-store', version }) })
const holding = (name: string) => ({ listCollections: found({ name, type: 'collection' }) })

const CASES: readonly Case[] = [
  ['a wrong password', 'record', { answers: { saslStart: FAILED } }, '', /refuses the user or the password/],
  ['a wrong password', 'info', { answers: { saslStart: FAILED } }, '', /refuses the user or the password/],
  ['no right to read', 'info', { answers: { find: DENIED } }, '', /does not allow this user/],
  ['no right to write', 'import', { answers: { insert: DENIED } }, '', /does not allow this user.*readWrite/],
  ['no right to make indexes', 'import', { answers: { ...marked(1), createIndexes: DENIED } }, '', /does not allow this user/],
  ['not the primary', 'import', { answers: { insert: NOT_PRIMARY } }, 'directConnection=true', /is not the primary.*replicaSet=/],
  ['a set without its primary', 'import', { hello: SECONDARY }, 'replicaSet=rs0', /has no primary: wait/],
  ['a full disk', 'import', { answers: { insert: mongoError(14031, 'OutOfDiskSpace', 'No space left on device') } }, '', /disk of MongoDB.*is full/],
  ['a newer format', 'info', { answers: marked(99) }, '', /format 99, newer than this version's/],
  ['a newer format', 'import', { answers: marked(99) }, '', /format 99, newer than this version's/],
  ['something else', 'import', { answers: holding('holidays') }, '', /holds something else \(the collection holidays\)/],
  ['something else', 'record', { answers: holding('holidays') }, '', /holds something else \(the collection holidays\)/],
  ['a server without TLS', 'info', {}, 'tls=true', /No TLS connection to MongoDB/],
] // prettier-ignore

describe('a MongoDB server that refuses', () => {
  it.each(CASES)('is told of in one sentence: %s (%s)', async (what, command, script, query, sentence) => {
    const server = await startScriptedMongo(script)
    // The script answers no handshake of a password, but for those that are about one.
    const user = what === 'a wrong password' ? 'ann:hush@' : ''
    const settings = [QUICK, ...(query === '' ? [] : [query])].join('&')
    await expectSentence(command, `mongodb://${user}${server.host}/books?${settings}`, sentence)
    await server.close()
  })

  it('is told of in one sentence: a TLS server that the client cannot agree with', async () => {
    const server = createServer({}).listen(0, '127.0.0.1')
    server.on('tlsClientError', () => undefined)
    await once(server, 'listening')
    const address = server.address()
    const port = address === null || typeof address === 'string' ? 0 : address.port
    const store = `mongodb://ann:hush@127.0.0.1:${String(port)}/books?tls=true&${QUICK}`
    await expectSentence('import', store, /No TLS connection to MongoDB at mongodb:\/\/127\.0\.0\.1/)
    server.close()
  })
})
