/** A process that runs one command line after the other: it says what each printed and its exit code. Loading them all takes its time, once. */
import { captured } from './captured-output.mjs'

const { runCommandLine } = await import(process.argv[2])

const stdout = captured(process.stdout)
const stderr = captured(process.stderr)

process.on('message', async (words) => {
  process.argv = [process.argv[0], 'bookreel', ...words]
  process.exitCode = undefined
  await runCommandLine()
  process.send({ code: process.exitCode ?? 0, stdout: stdout(), stderr: stderr() })
  process.exitCode = undefined
})
