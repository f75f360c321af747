/** A process that runs one command line after the other: it says what each printed and its exit code. Loading them all takes its time, once. */
const { runCommandLine } = await import(process.argv[2])

/** Instead of printing, keeps what is printed. */
const captured = (stream) => {
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

const stdout = captured(process.stdout)
const stderr = captured(process.stderr)

process.on('message', async (words) => {
  process.argv = [process.argv[0], 'bookreel', ...words]
  process.exitCode = undefined
  await runCommandLine()
  process.send({ code: process.exitCode ?? 0, stdout: stdout(), stderr: stderr() })
  process.exitCode = undefined
})
