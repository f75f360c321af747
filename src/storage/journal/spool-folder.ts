/**
 * The folder that the journals of a recorder's streams stand in, one folder each: setting one aside under an archive's name,
 * finding those, and the name of the recorder itself.
 */
import { randomUUID } from 'node:crypto'
import { existsSync, linkSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { StoreFailure } from '../../log/event-store.ts'
import { splitArchive, type StreamId } from '../../market/instrument.ts'
import { storeErrorOf } from '../disk-errors.ts'
import { makeFolder } from '../make-folder.ts'

const ID_NAME = 'recorder-id'

/** All methods throw StoreFailure when the disk fails. */
export class SpoolFolder {
  private readonly folder: string

  constructor(folder: string) {
    this.folder = folder
  }

  /** Made by chance at the first call, the same for every process of this folder afterwards. Says nothing of the machine. */
  recorderId(): string {
    return this.atDisk(() => {
      makeFolder(this.folder)
      const path = join(this.folder, ID_NAME)
      if (!existsSync(path)) {
        const own = join(this.folder, `${ID_NAME}.${randomUUID()}`)
        writeFileSync(own, `${randomUUID()}\n`)
        try {
          // Of several processes that start at once the first one names them all.
          linkSync(own, path)
        } catch (error) {
          if (!existsSync(path)) throw error
        } finally {
          rmSync(own)
        }
      }
      return readFileSync(path, 'utf8').trim()
    })
  }

  /** What was set aside of the stream and is here still, in the order of their names. */
  archivesOf(stream: StreamId): readonly StreamId[] {
    return this.atDisk(() => {
      if (!existsSync(this.folder)) return []
      const names = readdirSync(this.folder).map((name) => decodeURIComponent(name))
      return names.filter((name): name is StreamId => splitArchive(name)?.name === stream).sort()
    })
  }

  /** The journal of the stream, which nobody has open, becomes the archive's, at once or not at all. */
  setAside(stream: StreamId, archive: StreamId): void {
    this.atDisk(() => {
      renameSync(this.pathOf(stream), this.pathOf(archive))
    })
  }

  /** Everything of the archive is stored. */
  remove(archive: StreamId): void {
    this.atDisk(() => {
      rmSync(this.pathOf(archive), { recursive: true, force: true })
    })
  }

  private pathOf(stream: StreamId): string {
    return join(this.folder, encodeURIComponent(stream))
  }

  private atDisk<A>(work: () => A): A {
    try {
      return work()
    } catch (error) {
      throw new StoreFailure(storeErrorOf(error, this.folder))
    }
  }
}
