/** What a process prints, kept instead of printed: for servers of command lines. */

/** Keeps what is written to `stream` from here on; the answer takes what there is so far. */
export const captured = (stream) => {
  let text = ''
  stream.write = (piece, encoding, done) => {
    text += typeof piece === 'string' ? piece : Buffer.from(piece).toString('utf8')
    const tell = typeof encoding === 'function' ? encoding : done
    if (tell !== undefined) process.nextTick(tell)
    return true
  }
  return () => {
    const taken = text
    text = ''
    return taken
  }
}
