/** A Bitfinex recording's side of a conversation: the session and its heartbeats. What is played is the player's. */
import { BitfinexSession } from '../venues/bitfinex-session.ts'
import { BitfinexPlayer } from './bitfinex-player.ts'
import type { BitfinexSurvey } from './bitfinex-survey.ts'
import { openPlayback, type PlaybackServer, type PlaybackServerOptions } from './open-playback.ts'

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
  let channelId = FIRST_CHANNEL_ID
  const newChannelId = (): number => channelId++
  return await openPlayback(
    { ...options, answer: withStatus(options.answer) },
    {
      converse: (context) => {
        const { sender } = context
        const player = new BitfinexPlayer(survey, context)
        const session = new BitfinexSession({
          source: player,
          send: sender.send,
          now: Date.now,
          newChannelId,
        })
        let framesAtBeat = 0
        const heart = setInterval(() => {
          if (!player.hasHeartbeats || sender.frameCount === framesAtBeat) session.heartbeat(player.now())
          framesAtBeat = sender.frameCount
        }, HEARTBEAT_MILLISECONDS)
        session.greet()
        return {
          receive: (data, isBinary) => {
            if (!isBinary) session.receive(data.toString('utf8'))
          },
          ended: () => clearInterval(heart),
        }
      },
      missing: { status: 404, text: '["error",10000,"not in this recording"]' },
    },
  )
}
