/**
 * Who owns a stream's journal: one process at a time. Kept in a small LMDB file, because a transaction of it is the
 * one lock of ours that no killed process leaves behind; an owner that is dead is replaced.
 */
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { isLeft } from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { open } from 'lmdb'

import { StoreFailure } from '../../log/event-store.ts'
import type { StreamId } from '../../market/instrument.ts'
import { damagedFile, spaceProblem } from '../disk-errors.ts'
import { isLmdbFile } from '../lmdb-file.ts'

const Owner = t.intersection([
  t.type({ pid: t.number, started: t.string, boot: t.string, token: t.string }),
  // Whom to stop: the recorder that would start this process again.
  t.partial({ parent: t.number }),
])
type Owner = t.TypeOf<typeof Owner>

/** Gives the stream free. */
export type Release = () => Promise<void>

/** Takes a stream for this process. Throws StoreFailure, one sentence, when a living process has it. */
export const takeStream = async (folder: string, stream: StreamId): Promise<Release> => {
  const path = join(folder, 'owners.mdb')
  if (!isLmdbFile(path)) throw new StoreFailure(damagedFile(path))
  const owners = open<string, string>(path, {
    noSubdir: true,
    mapSize: 2 ** 30,
    encoding: 'string',
  })
  const { pid } = process
  const own: Owner = {
    ...{ pid, started: startOf(pid), boot: bootId(), token: randomUUID() },
    ...(process.send === undefined ? {} : { parent: process.ppid }),
  }
  try {
    owners.transactionSync(() => {
      const holder = ownerFrom(owners.get(stream))
      if (holder !== undefined && isAlive(holder)) throw new StoreFailure(refusal(folder, stream, holder))
      owners.putSync(stream, JSON.stringify(own))
    })
  } catch (error) {
    await owners.close()
    throw error
  }
  return async () => {
    try {
      // On a full disk LMDB would only complain: the mark of an owner that is gone holds nobody up.
      if (spaceProblem(folder, 0) !== undefined) return
      owners.transactionSync(() => {
        if (ownerFrom(owners.get(stream))?.token === own.token) owners.removeSync(stream)
      })
    } finally {
      await owners.close()
    }
  }
}

const refusal = (folder: string, stream: StreamId, { pid, parent = pid }: Owner) =>
  ({
    kind: 'unavailable',
    message: `Stream ${stream} is being recorded into ${folder} by process ${String(parent)} already: stop that one first, or name another --store.`,
  }) as const

const ownerFrom = (text: string | undefined): Owner | undefined => {
  if (text === undefined) return undefined
  const owner = Owner.decode(JSON.parse(text))
  return isLeft(owner) ? undefined : owner.right
}

// A process number is given again one day: the start time, where the system tells it, keeps two such apart.
const isAlive = ({ pid, started, boot }: Owner): boolean => {
  if (boot !== bootId()) return false
  try {
    process.kill(pid, 0)
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
  return startOf(pid) === started
}

const bootId = (): string => textOf('/proc/sys/kernel/random/boot_id').trim()

/** Clock ticks from boot to the start of a process; empty where the system does not tell, `dead` for a zombie. */
const startOf = (pid: number): string => {
  const status = textOf(`/proc/${String(pid)}/stat`)
  const fields = status.slice(status.lastIndexOf(')') + 2).split(' ')
  return fields[0] === 'Z' || fields[0] === 'X' ? 'dead' : (fields[19] ?? '')
}

const textOf = (path: string): string => {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
