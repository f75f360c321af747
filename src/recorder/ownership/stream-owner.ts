/**
 * Keeps one stream recorded into a store that several machines share, for as long as recording lasts: takes its lease,
 * finds where it goes on, records, and stands back when another recorder has taken it over.
 */
import { describeStoreError, type EventStore, StoreFailure } from '../../log/event-store.ts'
import type { Journal } from '../../log/journal.ts'
import type { StoredMark } from '../../log/sealed-spool.ts'
import type { StreamId } from '../../market/instrument.ts'
import { resumeSealer } from '../recovery.ts'
import type { Resumed } from '../sealing/chunk-writer.ts'
import { StreamRecorder } from '../stream-recorder.ts'
import type { OpenJournal, RunOptions } from '../stream-recorder-options.ts'
import { emptyStatus, type StreamStatus } from '../stream-status.ts'
import { ArchiveKeeper, holdsMoreThanRuns } from './archive-keeper.ts'
import type { LeaseKeeper } from './lease-keeper.ts'
import { RunNotes } from './run-notes.ts'
import type { SpoolArchives } from './spool-archives.ts'
import { divergence, markOf, spoolOf } from './stream-origin.ts'

const REACH_INTERVAL = 1000

export interface StreamOwnerOptions {
  readonly run: RunOptions
  readonly leases: LeaseKeeper
  readonly archives: SpoolArchives
  readonly openJournal: OpenJournal
  /** Rejects with StoreFailure; a store that is away may be reached later. */
  readonly reach: () => Promise<EventStore>
  /** Waits for the stream to be free, whenever another recorder has it. */
  readonly standsBy: boolean
}

/** How a turn ended; `set-aside`: it did not begin, what the journal holds has no place in the stream. */
type TurnEnd = 'stopped' | 'fenced' | 'set-aside'

/** Where a run begins, its number in the mark; undefined store: it is away. */
interface Place {
  readonly store: EventStore | undefined
  readonly mark: StoredMark
}

/** Another recorder has the stream, and lives. */
class Refused extends StoreFailure {}

const refused = (stream: StreamId): Refused => {
  const message = `Stream ${stream} is being recorded by another recorder already: stop that one first, or wait for its end with --standby.`
  return new Refused({ kind: 'unavailable', message })
}

const isAway = (error: unknown): error is StoreFailure =>
  error instanceof StoreFailure && error.error.kind === 'unavailable' && error.error.isAway === true

export class StreamOwner {
  private readonly options: StreamOwnerOptions
  private readonly stream: StreamId
  private readonly archives: ArchiveKeeper
  private readonly notes = new RunNotes()
  private recorder: StreamRecorder | undefined
  private state: StreamStatus['state'] = 'starting'
  private hasLease = false
  private running: Promise<void> = Promise.resolve()

  constructor(options: StreamOwnerOptions) {
    this.options = options
    this.stream = options.run.config.stream
    this.archives = new ArchiveKeeper(options)
  }

  /** Settles when recording this stream is over. Rejects with StoreFailure when it cannot be recorded. */
  async keep(): Promise<void> {
    this.running = this.turns()
    try {
      await this.running
    } catch (error) {
      this.state = 'failed'
      throw error
    }
  }

  status(): StreamStatus {
    const status = this.recorder?.status() ?? {
      ...emptyStatus(this.stream, this.options.run.config.mode),
      state: this.state,
    }
    // Known also while no chunk waits for it.
    return {
      ...status,
      storeAway: status.storeAway ?? (this.hasLease ? this.options.leases.storeAway : null),
    }
  }

  noteClock(offset: number): void {
    this.recorder?.noteClock(offset)
  }

  /** Another recorder has the lease. */
  noteLost(): void {
    this.hasLease = false
    this.recorder?.fence()
  }

  /** The signal of its options is aborted already. Settles when nothing is open any more. */
  async stop(): Promise<void> {
    await this.running.catch(() => undefined)
    await this.archives.uploaded()
    await this.options.leases.release(this.stream)
  }

  private get isStopping(): boolean {
    return this.options.run.stopSignal.aborted
  }

  private async turns(): Promise<void> {
    const { run, standsBy } = this.options
    while (!this.isStopping) {
      const end = await this.turn()
      if (end === 'stopped') return
      await this.standBack(end === 'fenced' && !this.hasLease)
      // Fenced with the lease in hand: the other one is gone, the store turned out to hold what it had left there.
      if (end === 'set-aside' || this.hasLease || standsBy) continue
      const message = `Another recorder has taken ${this.stream} over: this one has stopped recording it. What it had not stored is kept apart as an archive, "${this.stream}@…" in "bookreel info".`
      run.writeLog({ level: 'error', about: this.stream, message })
      await this.archives.uploaded()
      run.onEnded(message)
      return
    }
  }

  /** One run, from its start to its end. */
  private async turn(): Promise<TurnEnd> {
    this.recorder = undefined
    const journal = await this.options.openJournal(this.stream)
    const { stopSignal } = this.options.run
    let end: () => void = () => undefined
    const over = new Promise<void>((resolve) => (end = resolve))
    stopSignal.addEventListener('abort', end)
    try {
      const place = await this.place(journal)
      if (place === undefined) return this.isStopping ? 'stopped' : 'set-aside'
      await spoolOf(journal).keepMark(place.mark)
      this.recorder = await this.start(journal, place, end)
      await this.notes.begin(place.store, this.recorder.begun)
      if (!this.isStopping) await over
      await this.recorder.stop()
      const how = this.isStopping ? 'stopped' : 'fenced'
      if (this.recorder.status().storeAway === null)
        await this.notes.end(how, (await markOf(journal)).lastSeq)
      return how
    } finally {
      stopSignal.removeEventListener('abort', end)
      await journal.close().catch(() => undefined)
    }
  }

  private async start(
    journal: Journal,
    { store, mark }: Place,
    onFenced: () => void,
  ): Promise<StreamRecorder> {
    const { run, archives } = this.options
    const { epoch } = mark
    const resume = async (): Promise<Resumed> => await this.resume(journal, epoch)
    const shared = { epoch, recorder: archives.recorderId(), resume }
    return await StreamRecorder.start({ ...run, journal, store, stored: mark, shared, onFenced })
  }

  /** Undefined: recording is to end, or what the journal holds must be set aside before. */
  private async place(journal: Journal): Promise<Place | undefined> {
    const { standsBy, reach } = this.options
    const { stream } = this
    const mark = await markOf(journal)
    const epoch = mark.epoch + 1
    try {
      if (standsBy) this.state = 'standby'
      const store = standsBy ? await this.reachAtLast() : await reach()
      if (store === undefined) return undefined
      this.archives.uploadLater(store)
      // Before the lease, which may be another's for long: what has no place in the stream goes up at once.
      if ((await divergence({ store, stream, journal, isFenced: false })) !== undefined) return undefined
      return await this.placeIn(store, journal, epoch)
    } catch (error) {
      if (!isAway(error)) throw error
      if (!standsBy) return { store: undefined, mark: { ...mark, epoch } }
      // One that stands by would not know whether the other one records still: it begins to wait anew.
      await this.pause()
      return undefined
    }
  }

  private async placeIn(store: EventStore, journal: Journal, leastEpoch: number): Promise<Place | undefined> {
    const { run } = this.options
    const { stream } = this
    const epoch = await this.takeLease(store, leastEpoch)
    if (epoch === undefined) return undefined
    this.state = 'starting'
    if ((await divergence({ store, stream, journal, isFenced: false })) !== undefined) return undefined
    const stored = await resumeSealer(store, stream, run.venue, run.sealer)
    return { store, mark: { ...stored, epoch } }
  }

  /** The store that was away at the start of the run is asked again. */
  private async resume(journal: Journal, leastEpoch: number): Promise<Resumed> {
    const store = await this.options.reach()
    try {
      const place = await this.placeIn(store, journal, leastEpoch)
      if (place === undefined) return { kind: 'fenced' }
      this.archives.uploadLater(store)
      void this.notes.begin(store, this.recorder?.begun)
      return { kind: 'goes-on', store, stored: place.mark }
    } catch (error) {
      if (error instanceof Refused) return { kind: 'fenced' }
      throw error
    }
  }

  /** The number of the run; undefined: recording is to end. Throws StoreFailure when another recorder lives. */
  private async takeLease(store: EventStore, leastEpoch: number): Promise<number | undefined> {
    const { leases, run, standsBy: waits } = this.options
    if (store.leases === undefined) return leastEpoch
    const { stream } = this
    const taking = await leases.take(store.leases, { stream, leastEpoch, waits, signal: run.stopSignal })
    if (taking.kind === 'refused') throw refused(stream)
    if (taking.kind === 'aborted') return undefined
    this.hasLease = true
    return taking.epoch
  }

  private async reachAtLast(): Promise<EventStore | undefined> {
    const { reach, run } = this.options
    for (let isFirst = true; !this.isStopping; isFirst = false) {
      try {
        return await reach()
      } catch (error) {
        if (!isAway(error)) throw error
        const message = `${describeStoreError(error.error)} Standing by until it is back.`
        if (isFirst) run.writeLog({ level: 'warn', about: this.stream, message })
        await this.pause()
      }
    }
    return undefined
  }

  private async pause(): Promise<void> {
    const { scheduler, stopSignal } = this.options.run
    await new Promise<void>((resolve) => {
      const end = (): void => {
        cancel()
        stopSignal.removeEventListener('abort', end)
        resolve()
      }
      const cancel = scheduler.after(REACH_INTERVAL, end)
      stopSignal.addEventListener('abort', end)
    })
  }

  /** Sets aside what the journal holds behind the last stored entry. A store that is away leaves it for the next start. */
  private async standBack(isFenced: boolean): Promise<void> {
    const { reach, openJournal } = this.options
    const { archives, stream } = this
    const journal = await openJournal(stream)
    let store: EventStore
    let epoch: number | undefined
    let isWorthKeeping = false
    try {
      store = await reach()
      const apart = await divergence({ store, stream, journal, isFenced })
      epoch = apart?.epoch
      if (apart !== undefined) isWorthKeeping = await holdsMoreThanRuns(journal, apart.storedSeq)
    } catch (error) {
      if (!isAway(error)) throw error
      return
    } finally {
      await journal.close()
    }
    if (epoch !== undefined && isWorthKeeping) await archives.setAside(store, epoch)
    else if (epoch !== undefined) archives.drop()
    archives.uploadLater(store)
  }
}
