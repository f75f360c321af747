/** Serves a capture as its venue on a loopback port. */
import { CaptureProblem } from '../../src/index.ts'
import { type LinksOptions, openLinks } from '../faults/links.ts'
import { startBitfinexPlayback } from './bitfinex-playback.ts'
import { bitfinexCapturedTrades, bitfinexTradesOf } from './bitfinex-recorded-trades.ts'
import { BitfinexSurvey } from './bitfinex-survey.ts'
import { capturedAnswer } from './captured-responses.ts'
import { capturedVenue, type ServedVenue } from './captured-venue.ts'
import { startCoinbasePlayback } from './coinbase-playback.ts'
import { coinbaseCapturedTrades, coinbaseTradesOf } from './coinbase-recorded-trades.ts'
import { CoinbaseSurvey } from './coinbase-survey.ts'
import { captureSource } from './frame-source.ts'
import type { PlaybackActivity, PlaybackServer, PlaybackServerOptions, RestAnswer } from './open-playback.ts'
import { PlayControl } from './play-control.ts'
import { PlayStage } from './play-stage.ts'
import { TradeHistory } from './trade-history.ts'

/** `recorded`: as it was; `max`: as fast as the reader takes it; a number: that many times as fast as recorded. */
export type Pace = 'recorded' | 'max' | number

export interface PlaybackOptions {
  /** A capture file, plain or gzip, or a folder that holds `frames.jsonl.gz` or `frames.jsonl`. */
  readonly capture: string
  readonly pace: Pace
  /** 0 takes a free one. */
  readonly port: number
  /** Whether the addresses under /simulator/ are answered. */
  readonly control?: boolean
  /** Faults and logs on the way to the clients. */
  readonly links?: LinksOptions
  /** By the wall clock, a client that has too much to read for so many milliseconds is cut; 30 s when left out. */
  readonly patience?: number
}

export interface Playback {
  readonly venue: ServedVenue
  readonly endpoints: { readonly ws: string; readonly rest: string }
  /** How far the plays are: everything was sent when plays began and none is running. */
  readonly activity: () => PlaybackActivity
  /** What broke while it was served, such as a file that vanished. */
  readonly problem: () => CaptureProblem | undefined
  /** Cuts every client, closes the port and the log. */
  readonly stop: () => Promise<void>
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/**
 * Rejects with CaptureProblem, one sentence for the user, when it cannot be served, with the system's error when the port
 * or a log cannot be opened; nothing is left open then.
 */
export const startPlayback = async (options: PlaybackOptions): Promise<Playback> => {
  const { capture, pace, port, control = false, patience } = options
  if (typeof pace === 'number' && !(pace > 0)) throw new CaptureProblem('The pace must be more than zero.')
  const venue = await capturedVenue(capture)
  let problem: CaptureProblem | undefined
  const failed = (error: unknown): void => {
    problem ??= error instanceof CaptureProblem ? error : new CaptureProblem(`${reasonOf(error)}.`)
  }
  const stage = new PlayStage(new PlayControl(pace === 'recorded' ? 1 : pace), [])
  const origin = { venue, sources: [captureSource(capture)], stored: undefined }
  const links = await openLinks(options.links ?? {})
  try {
    const server = await startVenue(venue, { origin, stage, port, links, control, failed, patience })
    const stop = async (): Promise<void> => {
      await server.stop()
      await links.close()
    }
    const { ws, rest, activity } = server
    return { venue, endpoints: { ws, rest }, activity, problem: () => problem, stop }
  } catch (error) {
    await links.close()
    throw error
  }
}

type Common = Omit<PlaybackServerOptions, 'answer' | 'trades'>

/** REST bodies are the capture's own where it has them. */
const startVenue = async (venue: ServedVenue, options: Common): Promise<PlaybackServer> => {
  const { origin, stage } = options
  const capture = origin.sources[0]?.name ?? ''
  if (venue === 'coinbase') {
    const survey = await CoinbaseSurvey.of(capture)
    const trades = new TradeHistory(origin, stage, coinbaseTradesOf)
    const answer = async (target: string): Promise<RestAnswer | undefined> =>
      (await capturedAnswer(capture, target)) ??
      (await coinbaseCapturedTrades(trades, survey.products, target))
    return await startCoinbasePlayback(survey, { ...options, trades, answer })
  }
  const survey = await BitfinexSurvey.of(capture)
  const trades = new TradeHistory(origin, stage, bitfinexTradesOf(survey))
  const answer = async (target: string): Promise<RestAnswer | undefined> =>
    (await capturedAnswer(capture, target)) ?? (await bitfinexCapturedTrades(trades, survey, target))
  return await startBitfinexPlayback(survey, { ...options, trades, answer })
}
