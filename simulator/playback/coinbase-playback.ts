/** Serves a Coinbase capture on a port: sockets, the once-a-second beat and REST bodies. What is played is the player's. */
import { answerJson, type ClientConnection, openListener } from '../venues/listener.ts'
import { answerCaptured } from './captured-responses.ts'
import { ClientSender } from './client-sender.ts'
import { CoinbasePlayer } from './coinbase-player.ts'
import { CoinbaseSurvey } from './coinbase-survey.ts'
import { ActivityCounter, type PlaybackServer, type PlaybackServerOptions } from './playback-server.ts'

const BEAT_MILLISECONDS = 1000
/** A client that has not subscribed by then is sent away. */
const PATIENCE_MILLISECONDS = 5000

/** Rejects with CaptureProblem when the capture cannot be served, with the system's error when the port cannot. */
export const startCoinbasePlayback = async (options: PlaybackServerOptions): Promise<PlaybackServer> => {
  const { capture, pace, log, failed } = options
  const survey = await CoinbaseSurvey.of(capture)
  const counter = new ActivityCounter()

  const client = ({ socket }: ClientConnection): void => {
    const sender = new ClientSender(socket, counter.connected(), log)
    const gone = new AbortController()
    const { playing } = counter
    const player = new CoinbasePlayer(survey, { capture, pace, sender, signal: gone.signal, playing, failed })
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
    compression: true,
    client,
    request: (request, response) => {
      answerCaptured(capture, request.url, response)
        .then((answered) => {
          if (!answered) answerJson(response, 404, '{"message":"NotFound"}')
        })
        .catch((error: unknown) => {
          failed(error)
          response.destroy()
        })
    },
  })
  return { ws: listener.ws, rest: listener.rest, activity: counter.activity, stop: listener.close }
}
