/** Serves a Bitfinex recording on a port: sockets, heartbeats and REST bodies. What is played is the player's. */
import { BitfinexSession } from '../venues/bitfinex-session.ts'
import { type ClientConnection, openListener } from '../venues/listener.ts'
import { BitfinexPlayer } from './bitfinex-player.ts'
import type { BitfinexSurvey } from './bitfinex-survey.ts'
import { ClientSender } from './client-sender.ts'
import { playbackRequests } from './playback-requests.ts'
import { ActivityCounter, type PlaybackServer, type PlaybackServerOptions } from './playback-server.ts'

const HEARTBEAT_MILLISECONDS = 15_000
const FIRST_CHANNEL_ID = 166_098

const withStatus =
  (answer: PlaybackServerOptions['answer']): PlaybackServerOptions['answer'] =>
  async (target) =>
    target === '/v2/platform/status' ? { status: 200, text: '[1]' } : await answer(target)

/** Rejects with the system's error when the port cannot be opened. */
export const startBitfinexPlayback = async (
  survey: BitfinexSurvey,
  options: PlaybackServerOptions,
): Promise<PlaybackServer> => {
  const { origin, stage, log, failed, guard } = options
  const counter = new ActivityCounter()
  let channelId = FIRST_CHANNEL_ID
  const newChannelId = (): number => channelId++

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
    const player = new BitfinexPlayer(survey, { origin, stage, sender, signal: gone.signal, playing, failed })
    const session = new BitfinexSession({ source: player, send: sender.send, now: Date.now, newChannelId })
    let framesAtBeat = 0
    const heart = setInterval(() => {
      if (!player.hasHeartbeats || sender.frameCount === framesAtBeat) session.heartbeat(player.now())
      framesAtBeat = sender.frameCount
    }, HEARTBEAT_MILLISECONDS)
    socket.on('message', (data: Buffer, isBinary: boolean) => {
      if (!isBinary) session.receive(data.toString('utf8'))
    })
    socket.on('close', () => {
      clearInterval(heart)
      gone.abort()
    })
    session.greet()
  }

  const listener = await openListener({
    port: options.port,
    compression: false,
    client,
    guard,
    request: playbackRequests(
      { ...options, answer: withStatus(options.answer) },
      { status: 404, text: '["error",10000,"not in this recording"]' },
    ),
  })
  return { ws: listener.ws, rest: listener.rest, activity: counter.activity, stop: listener.close }
}
