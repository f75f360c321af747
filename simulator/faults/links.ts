/**
 * Faults and logs for any number of venues of one process: what `simulate` and `serve` put between their servers and the
 * clients. Owns the log files.
 */
import { SentLog } from '../playback/sent-log.ts'
import { bitfinexDialect } from './bitfinex-dialect.ts'
import type { ChaosLevel } from './chaos.ts'
import { coinbaseDialect } from './coinbase-dialect.ts'
import { FaultLog } from './fault-log.ts'
import { FaultPlan } from './fault-plan.ts'
import type { MarkedBook } from './faulty-link.ts'
import type { LinkGuard } from './link-guard.ts'
import type { FaultRule } from './scripted-faults.ts'
import { VenueLinks } from './venue-links.ts'

export interface LinksOptions {
  /** Of a script; none when left out. */
  readonly rules?: readonly FaultRule[]
  readonly chaos?: ChaosLevel
  /** Of chaos; 1 when left out. */
  readonly seed?: number
  /** A file that gets a line for every fault. */
  readonly logFaults?: string
  /** A file that gets a line for every frame as it left: `{"t","conn","dir":"out","text","venue"}`. */
  readonly logSent?: string
}

export interface Links {
  /** For the listener of a venue; each venue once. Undefined where nothing is wanted of it: the way is then free. */
  readonly guardOf: (venue: 'coinbase' | 'bitfinex') => LinkGuard | undefined
  /** Faults so far, by kind. */
  readonly faults: () => Readonly<Record<string, number>>
  /** Nothing goes wrong any more, and what lasts ends now. */
  readonly stopFaults: () => void
  /** Writes the servers' books into the log of what was sent, on each open link in its place between the frames. */
  readonly mark: (books: readonly MarkedBook[]) => void
  /** True while the log of what was sent has more to write than it should. */
  readonly isBehind: () => boolean
  /** Closes the log files; rejects with the system's error when one could not be written. */
  readonly close: () => Promise<void>
}

const DIALECTS = { coinbase: coinbaseDialect, bitfinex: bitfinexDialect } as const

const closing =
  (faults: FaultLog) =>
  async (error: unknown): Promise<never> => {
    await faults.close()
    throw error
  }

/** Rejects with the system's error when a log cannot be opened. */
export const openLinks = async (options: LinksOptions): Promise<Links> => {
  const { rules = [], chaos, seed = 1, logFaults, logSent } = options
  const isWanted = rules.length > 0 || chaos !== undefined || logSent !== undefined
  const plan = new FaultPlan({ rules, chaos, seed })
  const faults = await FaultLog.open(logFaults)
  const sent = logSent === undefined ? undefined : await SentLog.open(logSent).catch(closing(faults))
  const venues = new Map<string, VenueLinks>()
  return {
    guardOf: (venue) => {
      if (!isWanted) return undefined
      const links = new VenueLinks({ venue, dialect: DIALECTS[venue](), plan, faults, sent })
      venues.set(venue, links)
      return links
    },
    faults: () => faults.counts(),
    stopFaults: () => {
      plan.stop()
      for (const links of venues.values()) links.heal()
    },
    mark: (books) => {
      for (const book of books) venues.get(book.stream.split(':')[0] ?? '')?.mark(book)
    },
    isBehind: () => sent?.isBehind ?? false,
    close: async () => {
      const ends = await Promise.allSettled([faults.close(), sent?.close()])
      for (const end of ends) if (end.status === 'rejected') throw end.reason
    },
  }
}
