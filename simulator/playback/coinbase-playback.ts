/** A Coinbase recording's side of a conversation: patience and the once-a-second beat. What is played is the player's. */
import { CoinbasePlayer } from './coinbase-player.ts'
import type { CoinbaseSurvey } from './coinbase-survey.ts'
import { openPlayback, type PlaybackServer, type PlaybackServerOptions } from './open-playback.ts'

const BEAT_MILLISECONDS = 1000
/** A client that has not subscribed by then is sent away. */
const PATIENCE_MILLISECONDS = 5000

/** Rejects with the system's error when the port cannot be opened. */
export const startCoinbasePlayback = async (
  survey: CoinbaseSurvey,
  options: PlaybackServerOptions,
): Promise<PlaybackServer> =>
  await openPlayback(options, {
    converse: (context, socket) => {
      const player = new CoinbasePlayer(survey, context)
      const heart = setInterval(() => player.beat(), BEAT_MILLISECONDS)
      const patience = setTimeout(() => {
        if (!player.hasSubscribed) socket.close(1000, 'no subscription')
      }, PATIENCE_MILLISECONDS)
      return {
        receive: (data) => player.receive(data.toString('utf8'), Date.now() / 1000),
        ended: () => {
          clearInterval(heart)
          clearTimeout(patience)
        },
      }
    },
    missing: { status: 404, text: '{"message":"NotFound"}' },
  })
