/**
 * The MongoDB server that tests run against: the one MONGODB_URI names, else a mongod of the PATH as a replica set of one
 * node, else a MongoDB-wire server built here (see build.ts), else none.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { MongoClient } from 'mongodb'

import { builtMongoServer } from './build.ts'

const LIMIT = 120_000

/** What the tests found, told in their names. */
export interface MongoSource {
  readonly name: string
  /** A server of ours can be killed and started again; one of MONGODB_URI cannot. */
  readonly isOurs: boolean
  readonly start: () => Promise<MongoServer>
}

export interface MongoServer {
  readonly host: string
  /** An address of a database that nobody else uses; `host`: of something that stands before the server. */
  readonly newUrl: (host?: string) => string
  /** SIGKILL; settles when it is gone. */
  readonly kill: () => Promise<void>
  /** Starts it again on the same port and data. */
  readonly restart: () => Promise<void>
  /** Ends it and removes its data, or the databases of `newUrl` where the server is not ours. */
  readonly close: () => Promise<void>
}

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

const accepts = async (port: number): Promise<boolean> =>
  await new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => {
      resolve(false)
    })
  })

const newDatabase = (): string => `bookreel-test-${randomBytes(6).toString('hex')}`

interface Command {
  readonly words: (port: number, folder: string) => readonly string[]
  readonly query: string
  readonly prepare: (port: number) => Promise<void>
}

class OwnServer implements MongoServer {
  private readonly command: Command
  private readonly folder = mkdtempSync(join(tmpdir(), 'bookreel-mongo-'))
  private readonly port: number
  private child: ChildProcess | undefined

  constructor(command: Command, port: number) {
    this.command = command
    this.port = port
  }

  get host(): string {
    return `127.0.0.1:${String(this.port)}`
  }

  readonly newUrl = (host = this.host): string => `mongodb://${host}/${newDatabase()}${this.command.query}`

  readonly restart = async (): Promise<void> => {
    const [program = '', ...words] = this.command.words(this.port, this.folder)
    // It ends when its stdin does, so that nothing is left of a test that is killed.
    const child = (this.child = spawn(program, words, { stdio: ['pipe', 'ignore', 'pipe'] }))
    let errors = ''
    child.stderr?.on('data', (bytes: Buffer) => (errors = (errors + bytes.toString()).slice(-2000)))
    for (const end = Date.now() + LIMIT; !(await accepts(this.port));) {
      if (child.exitCode !== null || Date.now() > end) throw new Error(`the server did not start: ${errors}`)
      await new Promise((done) => setTimeout(done, 20))
    }
    await this.command.prepare(this.port)
  }

  readonly kill = async (): Promise<void> => {
    const { child } = this
    this.child = undefined
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
  }

  readonly close = async (): Promise<void> => {
    await this.kill()
    rmSync(this.folder, { recursive: true, force: true })
  }
}

const startOwn = async (command: Command): Promise<MongoServer> => {
  const server = new OwnServer(command, await freePort())
  await server.restart()
  return server
}

/** A replica set of one node; the set is made at the first start. */
const MONGOD: Command = {
  words: (port, folder) => ['mongod', '--replSet', 'test', '--bind_ip', '127.0.0.1', '--port', String(port), '--dbpath', folder, '--quiet', '--logpath', '/dev/null'], // prettier-ignore
  query: '?replicaSet=test',
  prepare: async (port) => {
    const host = `127.0.0.1:${String(port)}`
    const client = new MongoClient(`mongodb://${host}/?directConnection=true`)
    try {
      await client
        .db('admin')
        .command({ replSetInitiate: { _id: 'test', members: [{ _id: 0, host }] } })
        .catch(() => undefined)
      for (const end = Date.now() + LIMIT; ; await new Promise((done) => setTimeout(done, 50))) {
        const told: Readonly<Record<string, unknown>> = await client.db('admin').command({ hello: 1 })
        if (told['isWritablePrimary'] === true) return
        if (Date.now() > end) throw new Error('the replica set has no primary')
      }
    } finally {
      await client.close()
    }
  },
}

const builtCommand = (path: string): Command => ({
  words: (port, folder) => [path, `127.0.0.1:${String(port)}`, folder],
  query: '',
  prepare: async () => {
    await Promise.resolve()
  },
})

/** An address in parts: one of several servers is no URL that Node could read. */
export const mongoAddressIn = (
  uri: string,
): { readonly before: string; readonly hosts: string; readonly settings: readonly string[] } => {
  const [, before = '', hosts = '', settings = ''] =
    /^(mongodb(?:\+srv)?:\/\/(?:.*@)?)([^/?]*)(?:\/[^?]*)?(?:\?(.*))?$/s.exec(uri) ?? []
  return { before, hosts, settings: settings.split('&').filter((setting) => setting !== '') }
}

/** One server of a replica set, the primary, so that something can stand before it; others as they are named. */
const oneOf = async (
  uri: string,
): Promise<{ readonly host: string; readonly settings: readonly string[] }> => {
  const { hosts, settings } = mongoAddressIn(uri)
  const client = new MongoClient(uri)
  try {
    const told: Readonly<Record<string, unknown>> = await client.db('admin').command({ hello: 1 })
    const { primary } = told
    if (typeof primary !== 'string') return { host: hosts, settings }
    const others = settings.filter(
      (setting) => !/^(replicaSet|directConnection|loadBalanced)=/i.test(setting),
    )
    return { host: primary, settings: [...others, 'directConnection=true'] }
  } finally {
    await client.close()
  }
}

const given = (uri: string): MongoSource => ({
  name: 'MONGODB_URI',
  isOurs: false,
  start: async () => {
    const made: string[] = []
    const { before } = mongoAddressIn(uri)
    const { host: own, settings } = await oneOf(uri)
    return {
      host: own,
      newUrl: (host = own) => {
        const database = newDatabase()
        made.push(database)
        return `${before}${host}/${database}${settings.length === 0 ? '' : `?${settings.join('&')}`}`
      },
      kill: async () => await Promise.reject(new Error('the server of MONGODB_URI is not ours to kill')),
      restart: async () => await Promise.reject(new Error('the server of MONGODB_URI is not ours')),
      close: async () => {
        const client = new MongoClient(uri)
        for (const database of made) await client.db(database).dropDatabase()
        await client.close()
      },
    }
  },
})

/** The best server there is; undefined: none, and Go is missing to build one. */
export const findMongo = async (): Promise<MongoSource | undefined> => {
  const uri = process.env['MONGODB_URI'] ?? ''
  if (uri !== '') return given(uri)
  if (spawnSync('mongod', ['--version']).status === 0)
    return { name: 'mongod of the PATH', isOurs: true, start: async () => await startOwn(MONGOD) }
  const path = await builtMongoServer()
  if (path === undefined) return undefined
  const name = 'MongoDB-wire server built from FerretDB'
  return { name, isOurs: true, start: async () => await startOwn(builtCommand(path)) }
}
