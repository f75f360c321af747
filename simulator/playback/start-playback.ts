/** Serves a capture as its venue on a loopback port. */
import { CaptureProblem } from '../../src/index.ts'
import { startBitfinexPlayback } from './bitfinex-playback.ts'
import { BitfinexSurvey } from './bitfinex-survey.ts'
import { capturedAnswer } from './captured-responses.ts'
import { capturedVenue, type ServedVenue } from './captured-venue.ts'
import { startCoinbasePlayback } from './coinbase-playback.ts'
import { CoinbaseSurvey } from './coinbase-survey.ts'
import { controlRequests } from './control-requests.ts'
import { captureSource } from './frame-source.ts'
import { PlayControl } from './play-control.ts'
import { PlayStage } from './play-stage.ts'
import type { PlaybackActivity, PlaybackServer, PlaybackServerOptions } from './playback-server.ts'
import { SentLog } from './sent-log.ts'

/** `recorded`: as it was; `max`: as fast as the reader takes it; a number: that many times as fast as recorded. */
export type Pace = 'recorded' | 'max' | number

export interface PlaybackOptions {
  /** A capture file, plain or gzip, or a folder that holds `frames.jsonl.gz` or `frames.jsonl`. */
  readonly capture: string
  readonly pace: Pace
  /** 0 takes a free one. */
  readonly port: number
  /** A file that gets every frame sent, one capture line each: `{"t","conn","dir":"out","text"}`. */
  readonly logSent?: string
  /** Whether the addresses under /simulator/ are answered. */
  readonly control?: boolean
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

/** Rejects with CaptureProblem, one sentence for the user, when it cannot be served. */
export const startPlayback = async (options: PlaybackOptions): Promise<Playback> => {
  const { capture, pace, port, logSent } = options
  if (typeof pace === 'number' && !(pace > 0)) throw new CaptureProblem('The pace must be more than zero.')
  const venue = await capturedVenue(capture)
  const log = logSent === undefined ? undefined : await openLog(logSent)
  let problem: CaptureProblem | undefined
  const failed = (error: unknown): void => {
    problem ??= error instanceof CaptureProblem ? error : new CaptureProblem(`${reasonOf(error)}.`)
  }
  const stage = new PlayStage(new PlayControl(pace === 'recorded' ? 1 : pace), [])
  const origin = { venue, sources: [captureSource(capture)], stored: undefined }
  const answer = (target: string): ReturnType<typeof capturedAnswer> => capturedAnswer(capture, target)
  const intercept = options.control === true ? controlRequests(stage) : (): boolean => false
  try {
    const server = await startVenue(venue, { origin, stage, port, log, intercept, answer, failed })
    const stop = async (): Promise<void> => {
      await server.stop()
      await log?.close()
    }
    const { ws, rest, activity } = server
    return { venue, endpoints: { ws, rest }, activity, problem: () => problem, stop }
  } catch (error) {
    await log?.close()
    if (error instanceof CaptureProblem) throw error
    throw new CaptureProblem(`Port ${String(port)} cannot be opened: ${reasonOf(error)}.`)
  }
}

const startVenue = async (venue: ServedVenue, options: PlaybackServerOptions): Promise<PlaybackServer> => {
  const capture = options.origin.sources[0]?.name ?? ''
  return venue === 'coinbase'
    ? await startCoinbasePlayback(await CoinbaseSurvey.of(capture), options)
    : await startBitfinexPlayback(await BitfinexSurvey.of(capture), options)
}

const openLog = async (file: string): Promise<SentLog> => {
  try {
    return await SentLog.open(file)
  } catch (error) {
    throw new CaptureProblem(`${file} cannot be written: ${reasonOf(error)}.`)
  }
}
