/** Backs an embedded store up and proves the copy: every part of every stream, along its hash chain. */
import { isLeft } from 'fp-ts/lib/Either.js'

import type { Seq } from '../../log/entry.ts'
import { type EventStore, StoreFailure } from '../../log/event-store.ts'
import { lastSeqOf } from '../../log/tombstone.ts'
import type { StreamId } from '../../market/instrument.ts'
import { LogWalk } from '../../replay/reading/log-walk.ts'
import { backupLmdbStore, storeFileBytes } from '../../storage/lmdb/lmdb-backup.ts'
import { openStore } from '../../storage/open-store.ts'

/** What a backup holds of one stream. */
export interface BackedUpStream {
  readonly stream: StreamId
  readonly entries: number
  readonly lastSeq: Seq
  /** Head of the chain after the last entry, hex; '' when damage hides it. */
  readonly head: string
  /** What is damaged, in the store as in its copy: one sentence each. */
  readonly damage: readonly string[]
}

export interface BackupResult {
  readonly backup: string
  readonly bytes: number
  readonly streams: readonly BackedUpStream[]
}

/** Told of what was done since the last call. */
export interface BackupWatch {
  readonly onCopying: (fileBytes: number) => void
  readonly onBytes: (bytes: number) => void
  readonly onProving: (entries: number) => void
  readonly onEntries: (entries: number) => void
}

/** The folder of an embedded store; undefined: it is another one. */
export const folderOfStore = (url: string): string | undefined =>
  url.startsWith('file:') && url.length > 'file:'.length ? url.slice('file:'.length) : undefined

const proveStream = async (
  store: EventStore,
  stream: StreamId,
  onEntries: (entries: number) => void,
): Promise<BackedUpStream> => {
  const walk = new LogWalk(store, stream)
  const damage: string[] = []
  let entries = 0
  for await (const step of walk.steps())
    if (step.kind === 'damage') damage.push(step.damage.detail)
    else if (step.kind === 'chunk') {
      entries += step.chunk.header.entries
      onEntries(step.chunk.header.entries)
    }
  return { stream, entries, lastSeq: walk.lastSeq, head: walk.chain.head ?? '', damage }
}

/** The store that was copied goes through the head of the copy. Throws StoreFailure. */
const compareHead = async (source: EventStore, { stream, lastSeq, head }: BackedUpStream): Promise<void> => {
  const [part] = await source.parts(stream, { from: lastSeq, to: lastSeq }, 1)
  if (part === undefined || part.kind === 'unreadable' || head === '' || lastSeqOf(part) !== lastSeq) return
  const there = part.kind === 'chunk' ? part.header.chainAfter : part.tombstone.headAfter
  if (there === head) return
  const message = `The copy of ${stream} is not what the store holds (its chain differs at entry ${String(lastSeq)}), so no backup was made: try again.`
  throw new StoreFailure({ kind: 'unavailable', message })
}

const opened = async (url: string): Promise<EventStore> => {
  const store = await openStore(url, 'read')()
  if (isLeft(store)) throw new StoreFailure(store.left)
  return store.right
}

const prove = async (
  directory: string,
  from: string,
  watch: BackupWatch,
): Promise<readonly BackedUpStream[]> => {
  const copy = await opened(`file:${directory}`)
  try {
    const source = await opened(`file:${from}`)
    try {
      const names = await copy.streams()
      let total = 0
      for (const stream of names) total += await copy.lastSeq(stream).catch(() => 0)
      watch.onProving(total)
      const streams: BackedUpStream[] = []
      for (const stream of names) {
        const proved = await proveStream(copy, stream, watch.onEntries)
        await compareHead(source, proved)
        streams.push(proved)
      }
      return streams
    } finally {
      await source.close()
    }
  } finally {
    await copy.close()
  }
}

/**
 * Copies the store in folder `from` into the new or empty folder `to`, also while it is recorded into. What is damaged in it is
 * damaged in the copy as well, and told. Throws StoreFailure; nothing is left behind then.
 */
export const backupStore = async (from: string, to: string, watch: BackupWatch): Promise<BackupResult> => {
  watch.onCopying(storeFileBytes(from))
  const copied = await backupLmdbStore({ from, to, onBytes: watch.onBytes })()
  if (isLeft(copied)) throw new StoreFailure(copied.left)
  const { directory, bytes, finish, abandon } = copied.right
  try {
    const streams = await prove(directory, from, watch)
    const named = finish()
    if (isLeft(named)) throw new StoreFailure(named.left)
    return { backup: to, bytes, streams }
  } catch (error) {
    abandon()
    throw error
  }
}
