/** Serves a capture as its venue on a loopback port. */
import { CaptureProblem } from '../../src/index.ts'
import { startBitfinexPlayback } from './bitfinex-playback.ts'
import { capturedVenue, type ServedVenue } from './captured-venue.ts'
import { startCoinbasePlayback } from './coinbase-playback.ts'
import type { Pace } from './pacer.ts'
import type { PlaybackActivity } from './playback-server.ts'
import { SentLog } from './sent-log.ts'

export interface PlaybackOptions {
  /** A capture file, plain or gzip, or a folder that holds `frames.jsonl.gz` or `frames.jsonl`. */
  readonly capture: string
  readonly pace: Pace
  /** 0 takes a free one. */
  readonly port: number
  /** A file that gets every frame sent, one capture line each: `{"t","conn","dir":"out","text"}`. */
  readonly logSent?: string
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
  const start = venue === 'coinbase' ? startCoinbasePlayback : startBitfinexPlayback
  try {
    const server = await start({ capture, pace, port, log, failed })
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

const openLog = async (file: string): Promise<SentLog> => {
  try {
    return await SentLog.open(file)
  } catch (error) {
    throw new CaptureProblem(`${file} cannot be written: ${reasonOf(error)}.`)
  }
}
