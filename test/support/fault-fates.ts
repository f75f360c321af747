/** What became of each fault that a venue's links injected: told soon, or harmless for a reason, or not noticed. */
import type { InjectedFault, SentConnection } from './sent-frames.ts'

/** What became of the faults of one kind. */
export interface FaultFate {
  readonly injected: number
  /** The book or a count told of it. */
  readonly noticed: number
  /** The book could not be used then anyway. */
  readonly unsettled: number
  /** Nothing is lost by it, so nothing has to be told. */
  readonly harmless: number
  /** What it took came over another connection. */
  readonly covered: number
  readonly unnoticed: number
  /** What told of it, and how often: the reasons of invalid books, `undecoded`, `disconnect`. */
  readonly causes: Readonly<Record<string, number>>
}

type Fate = Exclude<keyof FaultFate, 'injected' | 'causes'>

/** Something that tells of a loss, at so many frames of its connection. */
interface Notice {
  readonly position: number
  readonly causes: readonly string[]
}

/** Frames after a fault within which it must show. */
export const NOTICE_WITHIN = 30

/** What loses nothing of the book by itself. */
const HARMLESS = ['delay', 'extra-field', 'slow-read', 'slow-write', 'clock-step']

const isHarmless = ({ fault, venue, channel }: InjectedFault): boolean => {
  if (HARMLESS.includes(fault)) return true
  // Numbers that were had already are dropped.
  if (fault === 'duplicate' && venue === 'coinbase') return true
  const isNumbered = venue === 'coinbase' ? channel === 'full' : channel !== 'control'
  if (['lose', 'duplicate', 'swap'].includes(fault)) return !isNumbered
  // Before the first frame of a connection nothing is there to be lost.
  return fault === 'silence' && channel === 'control'
}

const byConnection = (faults: readonly InjectedFault[]): ReadonlyMap<number, readonly InjectedFault[]> => {
  const known = new Map<number, InjectedFault[]>()
  for (const fault of faults) {
    const some = known.get(fault.connection)
    if (some === undefined) known.set(fault.connection, [fault])
    else some.push(fault)
  }
  return known
}

/** Of one venue. Connections are told by the venue's numbers, positions in frames of theirs. */
export class FaultFates {
  private readonly sent: readonly SentConnection[]
  private readonly faults: readonly InjectedFault[]
  private readonly faultsOf: ReadonlyMap<number, readonly InjectedFault[]>
  private readonly notices = new Map<number, Notice[]>()
  /** Connections of which a frame was recorded. */
  private readonly met = new Set<number>()
  private readonly ends = new Map<number, number>()
  private readonly unsettled = new Set<InjectedFault>()

  constructor(sent: readonly SentConnection[], faults: readonly InjectedFault[]) {
    this.sent = sent
    this.faults = faults
    this.faultsOf = byConnection(faults)
  }

  /** A frame of it was recorded. */
  meet(connection: number): void {
    this.met.add(connection)
  }

  /** The book cannot be used where this frame stands. */
  unsettleAt(connection: number, position: number): void {
    for (const fault of this.faultsOf.get(connection) ?? [])
      if (fault.sent === position) this.unsettled.add(fault)
  }

  /** … nor behind it. */
  unsettleFrom(connection: number, position: number): void {
    for (const fault of this.faultsOf.get(connection) ?? [])
      if ((fault.sent ?? 0) >= position) this.unsettled.add(fault)
  }

  note(connection: number, position: number, causes: readonly string[]): void {
    const known = this.notices.get(connection) ?? []
    known.push({ position, causes: [...new Set(causes)] })
    this.notices.set(connection, known)
  }

  /** It ended for the recorder. */
  endAt(connection: number, position: number): void {
    this.ends.set(connection, position)
  }

  /** Whether a fault had befallen it by this position. */
  isSpoiledAt(connection: number, position: number): boolean {
    return (this.faultsOf.get(connection) ?? []).some(({ sent = 0 }) => sent <= position)
  }

  /** By kind. `isCovered`: whether what a fault took came otherwise. */
  fates(isCovered?: (fault: InjectedFault) => boolean): Readonly<Record<string, FaultFate>> {
    const fates: Record<string, { -readonly [K in keyof FaultFate]: FaultFate[K] }> = {}
    for (const fault of this.faults) {
      const fate = (fates[fault.fault] ??= {
        ...{ injected: 0, noticed: 0, unsettled: 0, harmless: 0, covered: 0, unnoticed: 0 },
        causes: {},
      })
      fate.injected++
      fate[this.fateOf(fault, isCovered)]++
      for (const cause of this.noticeOf(fault)?.causes ?? [])
        fate.causes = { ...fate.causes, [cause]: (fate.causes[cause] ?? 0) + 1 }
    }
    return fates
  }

  /** Numbered frames stay in their order then. */
  private isOvertakenByBeat({ fault, connection, sent = 0 }: InjectedFault): boolean {
    return fault === 'swap' && this.sent.some(({ number, beats }) => number === connection && beats.has(sent))
  }

  /** What told of it, soon enough. */
  private noticeOf({ connection, sent: told = 0 }: InjectedFault): Notice | undefined {
    // Of a connection that was cut the last frames may not have reached the recorder.
    const sent = Math.min(told, this.ends.get(connection) ?? Infinity)
    const notices = this.notices.get(connection) ?? []
    return notices.find(({ position }) => position >= sent && position <= sent + NOTICE_WITHIN)
  }

  private fateOf(fault: InjectedFault, isCovered?: (fault: InjectedFault) => boolean): Fate {
    const { connection } = fault
    if (connection === 0) return 'harmless'
    if (this.noticeOf(fault) !== undefined) return 'noticed'
    if (isHarmless(fault) || this.isOvertakenByBeat(fault)) return 'harmless'
    // Cut before anything of it had arrived: no book stood on it.
    if (!this.met.has(connection)) return 'unsettled'
    const reached = this.sent.find(({ number }) => number === connection)?.hashes.length ?? 0
    if (this.unsettled.has(fault) || (fault.sent ?? 0) >= reached) return 'unsettled'
    return isCovered?.(fault) === true ? 'covered' : 'unnoticed'
  }
}
