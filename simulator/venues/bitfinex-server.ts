/**
 * A simulated Bitfinex on one loopback port: websocket and REST over generated flow. Owns timers and what can be
 * announced or made to go wrong; the flow itself is the caller's.
 */
import { BitfinexHall, bitfinexSymbol } from './bitfinex-hall.ts'
import { newBitfinexLimits } from './bitfinex-limits.ts'
import type { BurstRhythm } from './bitfinex-market.ts'
import { answerBitfinex } from './bitfinex-rest.ts'
import type { BookWindow } from './bitfinex-window.ts'
import { answerJson, openListener } from './listener.ts'
import type { SimulatedVenue, SimulatedVenueOptions } from './simulated-venue.ts'

export interface BitfinexServerOptions extends SimulatedVenueOptions {
  /** Every 200 ms of the venue's time when left out. */
  readonly rhythm?: Partial<BurstRhythm>
  /** Channels of one socket; 25 when left out. */
  readonly channelLimit?: number
  /** 15,000 when left out. */
  readonly heartbeatMilliseconds?: number
  /** Milliseconds after which a socket without a channel is closed; 60,000 when left out. */
  readonly patienceMilliseconds?: number
}

/** What can be announced or made to go wrong, for every client at once. */
export interface BitfinexFaults {
  /** An `info` frame: 20051 (the sockets close after it, see `leave`), 20060, 20061. */
  readonly announce: (code: number) => void
  /** 20051 to everybody who is connected now, and so many milliseconds later their sockets close; who comes after it stays. */
  readonly leave: (milliseconds: number) => void
  /** 20060, silence for so many milliseconds, 20061; REST answers with 20060 meanwhile. */
  readonly maintain: (milliseconds: number) => void
  /** The next checksum of every client is wrong. */
  readonly spoilChecksums: () => void
  /** Every client finds a hole in its sequence. */
  readonly skipSequence: () => void
  /** Every socket ends without a close frame. */
  readonly cut: () => void
}

export interface SimulatedBitfinex extends SimulatedVenue {
  /** The window of a pair as last sent; undefined for an unknown pair. R0 of 250 orders when left out. */
  readonly window: (pair: string, precision?: string, length?: number) => BookWindow | undefined
  readonly faults: BitfinexFaults
}

const BURST_MILLISECONDS = 200
const HEARTBEAT_MILLISECONDS = 15_000
const PATIENCE_MILLISECONDS = 60_000
const CHANNEL_LIMIT = 25

const INFO_TEXTS: Readonly<Record<number, string>> = {
  20051: 'Stopping. Please try to reconnect',
  20060:
    'Entering in Maintenance mode. Please pause any activity and resume after receiving the info message 20061',
  20061:
    'Maintenance ended. You can resume normal activity. It is advised to unsubscribe/subscribe again all channels.',
}

const faultsOf = (hall: BitfinexHall): BitfinexFaults => {
  const announce = (code: number, patience = 0): void => {
    const told = hall.all()
    for (const { session } of told) session.announce(code, INFO_TEXTS[code] ?? '')
    if (code !== 20_051) return
    const close = (): void => {
      for (const { connection } of told) connection.socket.close(1001, 'going away')
    }
    if (patience > 0) setTimeout(close, patience).unref()
    else close()
  }
  let ending: NodeJS.Timeout | undefined
  const maintain = (milliseconds: number): void => {
    clearTimeout(ending)
    announce(20_060)
    hall.pause(true)
    ending = setTimeout(() => {
      hall.pause(false)
      announce(20_061)
    }, milliseconds).unref()
  }
  return {
    announce,
    leave: (milliseconds) => {
      announce(20_051, milliseconds)
    },
    maintain,
    spoilChecksums: () => {
      for (const { session } of hall.all()) session.spoilChecksum()
    },
    skipSequence: () => {
      for (const { session } of hall.all()) session.skipSequence()
    },
    cut: () => {
      for (const { connection } of hall.all()) connection.socket.terminate()
    },
  }
}

const hallOf = (options: BitfinexServerOptions): BitfinexHall =>
  new BitfinexHall({
    markets: options.markets,
    now: options.now,
    rhythm: { milliseconds: BURST_MILLISECONDS, events: Infinity, ...options.rhythm },
    limits: options.limits === true ? newBitfinexLimits() : undefined,
    channelLimit: options.channelLimit ?? CHANNEL_LIMIT,
    heartbeat: options.heartbeatMilliseconds ?? HEARTBEAT_MILLISECONDS,
    patience: options.patienceMilliseconds ?? PATIENCE_MILLISECONDS,
    quirks: options.quirks,
  })

/** Rejects with the system's error when the port cannot be opened. */
export const startBitfinex = async (options: BitfinexServerOptions): Promise<SimulatedBitfinex> => {
  const hall = hallOf(options)
  const { limits } = hall
  const listener = await openListener({
    port: options.port,
    guard: options.guard,
    compression: false,
    client: (connection) => hall.welcome(connection),
    refuse: (address) => (limits?.connects.take(address, performance.now()) === false ? 429 : undefined),
    request: (request, response) => {
      if (options.intercept(request, response)) return
      const asker = { address: request.socket.remoteAddress ?? '', now: performance.now() }
      const { status, text } = answerBitfinex(request.url ?? '/', hall, asker)
      answerJson(response, status, text)
    },
  })
  // By the wall clock, so that the last changes of a quiet market leave in time, and nobody reads too slowly unseen.
  const faults = faultsOf(hall)
  const ticks = setInterval(() => {
    hall.tick()
    hall.isBehind()
  }, BURST_MILLISECONDS / 2)
  return {
    ws: listener.ws,
    rest: listener.rest,
    hasReaders: () => hall.hasReaders(),
    isBehind: () => hall.isBehind(),
    flush: () => hall.flush(),
    books: () => Array.from(hall.markets.values(), (market) => market.figures()),
    rows: () => Array.from(hall.markets.values(), (market) => market.rows()),
    window: (pair, precision = 'R0', length = 250) =>
      hall.markets.get(bitfinexSymbol(pair))?.window(precision, length),
    faults,
    maintain: faults.maintain,
    leave: faults.leave,
    stop: async () => {
      clearInterval(ticks)
      hall.end()
      await listener.close()
    },
  }
}
