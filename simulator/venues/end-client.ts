/** Ends a client that broke a rule: its reason, a close frame, and soon the connection, whether or not it listens. */
import type { ClientConnection } from './listener.ts'

/** Milliseconds that an ended client has for reading the reason. */
const LAST_WORDS = 1000

/** Nothing of it is read from now on. `text`: a frame that goes before the close frame; none when left out. */
export const endClient = (
  { socket }: ClientConnection,
  code: number,
  reason: string,
  text?: string,
): void => {
  if (socket.readyState !== socket.OPEN) return
  if (text !== undefined) socket.send(text)
  socket.close(code, reason)
  socket.pause()
  setTimeout(() => socket.terminate(), LAST_WORDS).unref()
}
