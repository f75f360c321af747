/**
 * What a recorder had not stored when another one took its stream over: sets the journal aside under an archive's name, and
 * brings it to the store one day, also after a restart.
 */
import { EntryCursor, type Seq } from '../../log/entry.ts'
import { type EventStore, StoreFailure } from '../../log/event-store.ts'
import type { Journal } from '../../log/journal.ts'
import { archiveNamed, type StreamId } from '../../market/instrument.ts'
import type { OpenJournal, RunOptions } from '../stream-recorder-options.ts'
import { uploadArchive } from './archive-upload.ts'
import type { SpoolArchives } from './spool-archives.ts'

export interface ArchiveKeeperOptions {
  readonly run: RunOptions
  readonly archives: SpoolArchives
  readonly openJournal: OpenJournal
}

/** Whether anything but the beginnings and ends of runs stands behind this entry. */
export const holdsMoreThanRuns = async (journal: Journal, seq: Seq): Promise<boolean> => {
  for await (const { records } of journal.read(seq)) {
    const cursor = new EntryCursor(records)
    while (cursor.next()) if (!cursor.kind.startsWith('run-')) return true
  }
  return false
}

export class ArchiveKeeper {
  private readonly options: ArchiveKeeperOptions
  private readonly stream: StreamId
  private uploading: Promise<void> = Promise.resolve()

  constructor(options: ArchiveKeeperOptions) {
    this.options = options
    this.stream = options.run.config.stream
  }

  /** The stream's journal, which is closed, becomes an archive. Throws StoreFailure. */
  async setAside(store: EventStore, epoch: number): Promise<void> {
    const { archives, run } = this.options
    const archive = await this.freeName(store, String(epoch))
    archives.setAside(this.stream, archive)
    const message = `Another recorder has gone on with ${this.stream}: what this one had not stored goes up as ${archive}.`
    run.writeLog({ level: 'warn', about: this.stream, message })
  }

  /** The stream's journal, which is closed, holds nothing worth keeping. */
  drop(): void {
    this.options.archives.remove(this.stream)
  }

  /** Brings to the store what is here, behind what is on its way already. */
  uploadLater(store: EventStore): void {
    this.uploading = this.uploading.then(async () => {
      const { archives, run } = this.options
      for (const archive of archives.archivesOf(this.stream)) {
        if (run.stopSignal.aborted) return
        try {
          await this.upload(store, archive)
        } catch (error) {
          if (!(error instanceof StoreFailure)) throw error
          const message = `${error.message} What was set aside stays here until the next start.`
          run.writeLog({ level: 'warn', about: archive, message })
        }
      }
    })
  }

  /** Settles when nothing is on its way. */
  async uploaded(): Promise<void> {
    await this.uploading
  }

  private async freeName(store: EventStore, epoch: string): Promise<StreamId> {
    const here = this.options.archives.archivesOf(this.stream)
    for (let count = 1; ; count++) {
      const name = archiveNamed(this.stream, count === 1 ? epoch : `${epoch}-${String(count)}`)
      if (!here.includes(name) && (await store.lastSeq(name)) === 0) return name
    }
  }

  private async upload(store: EventStore, archive: StreamId): Promise<void> {
    const { run, archives, openJournal } = this.options
    const journal = await openJournal(archive)
    let isStored = false
    try {
      isStored = await uploadArchive({ ...run, store, stream: this.stream, archive, journal })
    } finally {
      await journal.close()
    }
    if (!isStored) return
    archives.remove(archive)
    const message = `${archive} is stored: what this recorder had not stored when another one took the stream over.`
    run.writeLog({ level: 'info', about: this.stream, message })
  }
}
