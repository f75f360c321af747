/**
 * Everything that is being played: who reads where, on which clock. Begins plays, hands a closed client's place to the
 * next one, steps, and tells positions.
 */
import { microsOf, microsToIso, type Seq } from '../../src/index.ts'
import type { ServedVenue } from './captured-venue.ts'
import { EntryReader } from './entry-reader.ts'
import type { FrameSource } from './frame-source.ts'
import type { PlayControl } from './play-control.ts'
import type { StoredSource } from './stored-source.ts'
import { Timeline } from './timeline.ts'

/** What one venue's server plays: a capture, or stored streams. */
export interface PlayOrigin {
  readonly venue: ServedVenue
  readonly sources: readonly FrameSource[]
  /** The same as stored streams; undefined for a capture, which every client gets from its start. */
  readonly stored: readonly StoredSource[] | undefined
}

/** One client's way through the sources of an origin. */
export interface RunningPlay {
  readonly origin: PlayOrigin
  /** The number of the client's connection. */
  readonly connection: number
  readonly reader: EntryReader
  /** Where it began: the last entry of each source before it. */
  readonly start: readonly Seq[]
  readonly timeline: Timeline
  frames: number
  /** When the last frame played was received, microseconds; 0: none yet. */
  time: number
  isEnded: boolean
  /** Sources whose book was asked for over REST meanwhile. */
  readonly askedBooks: Set<number>
  /** The book that is being made for its client: at full speed the play waits for it. */
  waitsFor: Promise<unknown> | undefined
}

interface HandedOver {
  readonly origin: PlayOrigin
  readonly places: readonly Seq[]
  readonly timeline: Timeline
  readonly at: number
}

/** A place waits so long for the client that was closed there, in milliseconds. */
const HANDOVER_MILLISECONDS = 60_000

export class PlayStage {
  readonly control: PlayControl
  /** Stored streams of all venues, in the order they were named. */
  private readonly stored: readonly StoredSource[]
  private readonly plays = new Set<RunningPlay>()
  private readonly handedOver: HandedOver[] = []
  /** Of all plays by the wall clock: those are in step. */
  private readonly shared: Timeline
  private stepping: Promise<unknown> = Promise.resolve()

  /** `startTime`: microseconds where the clock of stored streams begins. */
  constructor(control: PlayControl, stored: readonly StoredSource[], startTime?: number) {
    this.control = control
    this.stored = stored
    this.shared = new Timeline(control, startTime)
  }

  /** The play goes on until the signal tells that the client is gone. */
  async begin(origin: PlayOrigin, connection: number, signal: AbortSignal): Promise<RunningPlay> {
    const { places, timeline } = await this.startOf(origin, connection)
    const reader = new EntryReader(origin.sources, places)
    const play = { origin, connection, reader, start: places, timeline, frames: 0, time: 0, isEnded: false, askedBooks: new Set<number>(), waitsFor: undefined } // prettier-ignore
    if (signal.aborted) return play
    this.plays.add(play)
    timeline.attach()
    signal.addEventListener('abort', () => {
      this.plays.delete(play)
      timeline.detach()
      if (timeline !== this.shared && !this.isUsed(timeline)) timeline.end()
    })
    return play
  }

  private isUsed(timeline: Timeline): boolean {
    return [...this.plays, ...this.handedOver].some((user) => user.timeline === timeline)
  }

  private async startOf(
    origin: PlayOrigin,
    connection: number,
  ): Promise<{ readonly places: readonly Seq[]; readonly timeline: Timeline }> {
    const { control, shared } = this
    const { stored } = origin
    if (stored === undefined) return { places: [0], timeline: new Timeline(control) }
    const others = [...this.plays].filter((play) => play.origin === origin && play.connection === connection)
    const mine = others.at(-1)
    if (mine !== undefined) return { places: mine.reader.places(), timeline: mine.timeline }
    const left = this.takeHandedOver(origin)
    if (left !== undefined) return left
    if (control.speed === 'max')
      return { places: stored.map(({ before }) => before), timeline: new Timeline(control) }
    const places = await Promise.all(stored.map(async (source) => await this.sharedPlace(source)))
    return { places, timeline: shared }
  }

  /** Where the shared clock is in a stream. */
  private async sharedPlace(source: StoredSource): Promise<Seq> {
    const now = this.shared.now()
    const reached = now === undefined ? 0 : await source.seqAt(now)
    return Math.min(source.last, Math.max(source.before, reached, this.shared.releasedOf(source)))
  }

  private takeHandedOver(origin: PlayOrigin): HandedOver | undefined {
    const oldest = performance.now() - HANDOVER_MILLISECONDS
    while (this.handedOver[0] !== undefined && this.handedOver[0].at < oldest) this.handedOver.shift()
    const index = this.handedOver.findIndex((left) => left.origin === origin)
    return index < 0 ? undefined : this.handedOver.splice(index, 1)[0]
  }

  /** The client is closed as the recording's was: the next one goes on from here. */
  handOver({ origin, reader, timeline }: RunningPlay): void {
    this.handedOver.push({ origin, places: reader.places(), timeline, at: performance.now() })
  }

  /**
   * Calls `use` with the entry of a source that a REST book should follow: where the client is that has not asked yet,
   * the one farthest on where there are several. A book ahead of a client's frames is one it waits for. At full speed
   * a client's first book is that of its first frames, since nobody knows how far it has read, and its play waits.
   */
  async withBookPlace<A>(origin: PlayOrigin, source: number, use: (place: Seq) => Promise<A>): Promise<A> {
    const asker = this.askerOf(origin, source)
    if (asker === undefined) {
      const stored = origin.stored?.[source]
      const isShared = stored !== undefined && this.control.speed !== 'max'
      return await use(isShared ? await this.sharedPlace(stored) : (stored?.before ?? 0))
    }
    const isFirst = !asker.askedBooks.has(source)
    asker.askedBooks.add(source)
    const places = isFirst && this.control.speed === 'max' ? asker.start : asker.reader.places()
    const answer = use(places[source] ?? 0)
    const waits = answer.catch(() => undefined)
    asker.waitsFor = waits
    try {
      return await answer
    } finally {
      if (asker.waitsFor === waits) asker.waitsFor = undefined
    }
  }

  /** How far a source has been played: by the client farthest on; where nobody reads, by the clock that all share. */
  async reached(origin: PlayOrigin, source: number): Promise<Seq> {
    const places = Array.from(this.plays, (play) =>
      play.origin === origin ? (play.reader.places()[source] ?? 0) : 0,
    )
    const stored = origin.stored?.[source]
    if (places.some((place) => place > 0) || stored === undefined) return Math.max(0, ...places)
    return this.control.speed === 'max' ? stored.before : await this.sharedPlace(stored)
  }

  private askerOf(origin: PlayOrigin, source: number): RunningPlay | undefined {
    const plays = [...this.plays].filter((play) => play.origin === origin)
    const fresh = plays.filter(({ askedBooks }) => !askedBooks.has(source))
    const placeOf = (play: RunningPlay): Seq => play.reader.places()[source] ?? 0
    return (fresh.length > 0 ? fresh : plays).sort((one, other) => placeOf(other) - placeOf(one))[0]
  }

  /** Microseconds of recorded time that the venue's clock shows: the newest of its plays'. */
  timeOf(origin: PlayOrigin): number | undefined {
    let latest = origin.stored === undefined ? undefined : this.shared.now()
    for (const play of this.plays)
      if (play.origin === origin) latest = Math.max(latest ?? 0, play.time, play.timeline.now() ?? 0)
    return latest
  }

  /** Pauses, then plays so many frames more: of all streams together where plays are in step, else of each play. */
  async step(frames: number): Promise<void> {
    this.control.pause()
    for (const timeline of new Set(Array.from(this.plays, (play) => play.timeline)))
      if (timeline !== this.shared) timeline.grant(frames)
    const isShared = [...this.plays].some(({ timeline }) => timeline === this.shared)
    if (this.stored.length === 0 || (this.control.speed === 'max' && !isShared)) return
    const task = this.stepping.then(async () => await this.releaseNext(frames))
    this.stepping = task.catch(() => undefined)
    await task
  }

  private async releaseNext(frames: number): Promise<void> {
    const { stored, shared } = this
    const reader = new EntryReader(
      stored,
      await Promise.all(stored.map((source) => this.sharedPlace(source))),
    )
    let time = 0
    for (let left = frames; left > 0;) {
      const entry = reader.next()
      if (entry === undefined) {
        if (!(await reader.fetch())) break
      } else {
        time = entry.receiveTime
        if (entry.kind === 'frame') left--
      }
    }
    const places = reader.places()
    shared.release(new Map(stored.map((source, index) => [source, places[index] ?? 0])), time)
    await reader.close()
  }

  /** What `GET /simulator/position` tells. */
  async position(): Promise<unknown> {
    const { control, stored } = this
    const iso = (time: number): string | null => (time === 0 ? null : microsToIso(microsOf(Math.floor(time))))
    const streams = stored.map(async (source) => ({
      stream: source.name,
      first: source.before + 1,
      last: source.last,
      ...(control.speed === 'max' ? {} : { seq: await this.sharedPlace(source) }),
    }))
    return {
      speed: control.speed,
      paused: control.isPaused,
      streams: await Promise.all(streams),
      clients: Array.from(this.plays, (play) => ({
        venue: play.origin.venue,
        connection: play.connection,
        frames: play.frames,
        time: iso(play.time),
        entries: Object.fromEntries(
          play.origin.sources.map(({ name }, index) => [name, play.reader.places()[index] ?? 0]),
        ),
        ended: play.isEnded,
      })),
    }
  }
}
