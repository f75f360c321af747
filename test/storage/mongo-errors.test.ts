import { MongoError, MongoNetworkError, MongoServerError, MongoServerSelectionError } from 'mongodb'
import { describe, expect, it } from 'vitest'

import {
  clientOptionsFor,
  databaseOf,
  shownAddress,
  withoutSecrets,
} from '../../src/storage/mongo/mongo-address.ts'
import { storeErrorOf } from '../../src/storage/mongo/mongo-errors.ts'

const URL = 'mongodb://zoe:s%40cret@a.example:27017,b.example/books?replicaSet=r&proxyPassword=hush'

const server = (code: number, errmsg: string): Error =>
  new MongoServerError({ code, errmsg, message: errmsg })

const selection = (cause: Error): Error =>
  Object.assign(new MongoServerSelectionError('no server', {} as never), { cause })

describe('storeErrorOf', () => {
  it.each<readonly [Error, RegExp]>([
    [server(18, 'Authentication failed.'), /refuses the user or the password/],
    [server(13, 'not authorized on books to execute command'), /does not allow this user.*readWrite/],
    [server(10107, 'not primary'), /is not the primary/],
    [server(13435, 'not primary and secondaryOk=false'), /is not the primary/],
    [server(189, 'Primary stepped down'), /is not the primary/],
    [server(14031, 'Insufficient disk space'), /disk of MongoDB.*is full/],
    [server(64, 'waiting for replication timed out'), /did not confirm in time/],
    [server(10334, 'BSONObj size: 17000000 is invalid'), /too large/],
    [server(9999, 'something new\nwith a stack'), /failed \(something new\)/],
    [selection(new Error('connect ECONNREFUSED 127.0.0.1:27017')), /cannot be reached/],
    [selection(new Error('getaddrinfo ENOTFOUND a.example')), /cannot be reached/],
    [
      selection(Object.assign(new Error('self-signed certificate'), { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' })),
      /No TLS connection/,
    ],
    [
      selection(new Error('80A2:error:0A00010B:SSL routines:ssl3_get_record:wrong version number')),
      /No TLS connection/,
    ],
    [new TypeError('Invalid URL'), /cannot be used/],
    [
      Object.assign(new Error('Server selection timed out after 500 ms'), {
        reason: { type: 'ReplicaSetNoPrimary', servers: new Map([['b.example', { type: 'RSSecondary' }]]) },
      }),
      /has no primary: wait/,
    ],
    [
      Object.assign(new Error('Server selection timed out after 500 ms'), {
        reason: { type: 'ReplicaSetNoPrimary', servers: new Map([['b.example', { type: 'Unknown' }]]) },
      }),
      /does not answer/,
    ],
    [selection(server(18, 'Authentication failed.')), /refuses the user or the password/],
    [new MongoNetworkError('connection 3 to a.example:27017 closed'), /broke/],
    [new MongoNetworkError('connection 3 to a.example:27017 timed out'), /does not answer/],
    [new MongoError('zoe:s@cret and s%40cret, hush'), /failed/],
    [new Error('say zoe:s%40cret'), /failed/],
  ])('tells %s in one sentence without secrets', (error, expected) => {
    const told = storeErrorOf(error, URL)
    expect(told.kind).toBe('unavailable')
    const message = 'message' in told ? told.message : ''
    expect(message).toMatch(expected)
    expect(message).toMatch(/^[A-Z][^\n]*\.$/)
    expect(message).toContain('a.example:27017,b.example/books')
    expect(message).not.toMatch(/zoe|cret|hush/)
  })
})

it('says that a server that does not answer may not speak TLS, where the address asks for that', () => {
  const silent = new Error('Server selection timed out after 500 ms')
  const told = (url: string): string => JSON.stringify(storeErrorOf(silent, url))
  expect(told('mongodb://h/books?tls=true')).toContain('speaks TLS')
  expect(told('mongodb://h/books')).not.toContain('TLS')
})

describe('an address', () => {
  it('shows hosts and database, and names the database', () => {
    expect(shownAddress(URL)).toBe('mongodb://a.example:27017,b.example/books')
    expect(shownAddress('mongodb+srv://u:p/q@x@c.example/?w=1')).not.toMatch(/u:p|q@/)
    expect(shownAddress('mongodb://h')).toBe('mongodb://h/bookreel')
    expect(databaseOf('mongodb://h/')).toBe('bookreel')
    expect(databaseOf(URL)).toBe('books')
  })

  it('keeps its secrets out of any text', () => {
    expect(withoutSecrets(URL, 'zoe:s%40cret s@cret hush')).toBe('*** *** ***')
    expect(withoutSecrets('mongodb://h/books', 'nothing')).toBe('nothing')
  })

  it('chooses patience and compression, not safety', () => {
    const options = clientOptionsFor('mongodb://h/b?w=0&journal=false&socketTimeoutMS=5&compressors=none')
    expect(options).toMatchObject({
      writeConcern: { w: 'majority', journal: true },
      readConcernLevel: 'majority',
    })
    expect(options).not.toHaveProperty('socketTimeoutMS')
    expect(options).not.toHaveProperty('compressors')
    expect(clientOptionsFor('mongodb://h/b')).toMatchObject({ compressors: ['zlib'], retryWrites: true })
  })
})
