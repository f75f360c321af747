/** Serves a Coinbase recording on a port: sockets, the once-a-second beat and REST bodies. What is played is the player's. */
import { type ClientConnection, openListener } from '../venues/listener.ts'
import { ClientSender } from './client-sender.ts'
import { CoinbasePlayer } from './coinbase-player.ts'
import type { CoinbaseSurvey } from './coinbase-survey.ts'
import { playbackRequests } from './playback-requests.ts'
import { ActivityCounter, type PlaybackServer, type PlaybackServerOptions } from './playback-server.ts'

const BEAT_MILLISECONDS = 1000
/** A client that has not subscribed by then is sent away. */
const PATIENCE_MILLISECONDS = 5000

/** Rejects with the system's error when the port cannot be opened. */
export const startCoinbasePlayback = async (
  survey: CoinbaseSurvey,
  options: PlaybackServerOptions,
): Promise<PlaybackServer> => {
  const { origin, stage, log, failed, guard } = options
  const counter = new ActivityCounter()

  const client = (connection: ClientConnection): void => {
    const { socket } = connection
    const sender = new ClientSender({
      client: connection,
      connection: counter.connected(),
      log,
      isGuarded: guard !== undefined,
      isLogBehind: options.isLogBehind,
    })
    const gone = new AbortController()
    const { playing } = counter
    const player = new CoinbasePlayer(survey, { origin, stage, sender, signal: gone.signal, playing, failed })
    const heart = setInterval(() => player.beat(), BEAT_MILLISECONDS)
    const patience = setTimeout(() => {
      if (!player.hasSubscribed) socket.close(1000, 'no subscription')
    }, PATIENCE_MILLISECONDS)
    socket.on('message', (data: Buffer) => player.receive(data.toString('utf8'), Date.now() / 1000))
    socket.on('close', () => {
      clearInterval(heart)
      clearTimeout(patience)
      gone.abort()
    })
  }

  const listener = await openListener({
    port: options.port,
    // A venue may decline it; on loopback it only costs.
    compression: false,
    client,
    guard,
    request: playbackRequests(options, { status: 404, text: '{"message":"NotFound"}' }),
  })
  return { ws: listener.ws, rest: listener.rest, activity: counter.activity, stop: listener.close }
}
