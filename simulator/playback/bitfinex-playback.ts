/** Serves a Bitfinex capture on a port: sockets, heartbeats and REST bodies. What is played is the player's. */
import { BitfinexSession } from '../venues/bitfinex-session.ts'
import { answerJson, type ClientConnection, openListener } from '../venues/listener.ts'
import { BitfinexPlayer } from './bitfinex-player.ts'
import { BitfinexSurvey } from './bitfinex-survey.ts'
import { answerCaptured } from './captured-responses.ts'
import { ClientSender } from './client-sender.ts'
import { ActivityCounter, type PlaybackServer, type PlaybackServerOptions } from './playback-server.ts'

const HEARTBEAT_MILLISECONDS = 15_000
const FIRST_CHANNEL_ID = 166_098

/** Rejects with CaptureProblem when the capture cannot be served, with the system's error when the port cannot. */
export const startBitfinexPlayback = async (options: PlaybackServerOptions): Promise<PlaybackServer> => {
  const { capture, pace, log, failed } = options
  const survey = await BitfinexSurvey.of(capture)
  const counter = new ActivityCounter()
  let channelId = FIRST_CHANNEL_ID
  const newChannelId = (): number => channelId++

  const client = ({ socket }: ClientConnection): void => {
    const sender = new ClientSender(socket, counter.connected(), log)
    const gone = new AbortController()
    const { playing } = counter
    const player = new BitfinexPlayer(survey, { capture, pace, sender, signal: gone.signal, playing, failed })
    const session = new BitfinexSession({ source: player, send: sender.send, now: Date.now, newChannelId })
    const heart = setInterval(() => session.heartbeat(player.now()), HEARTBEAT_MILLISECONDS)
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
    request: (request, response) => {
      if (request.url === '/v2/platform/status') return answerJson(response, 200, '[1]')
      answerCaptured(capture, request.url, response)
        .then((answered) => {
          if (!answered) answerJson(response, 404, '["error",10000,"not in this capture"]')
        })
        .catch((error: unknown) => {
          failed(error)
          response.destroy()
        })
    },
  })
  return { ws: listener.ws, rest: listener.rest, activity: counter.activity, stop: listener.close }
}
