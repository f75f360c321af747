/** Runs one command line after the other, an array of words a line of stdin: loading them all takes its time, once. */
import { createInterface } from 'node:readline'

import { runCommandLine } from '../../dist/src/cli/command-line.js'
import { captured } from '../../test/support/captured-output.mjs'

const answer = process.stdout.write.bind(process.stdout)

const stdout = captured(process.stdout)
const stderr = captured(process.stderr)

for await (const line of createInterface({ input: process.stdin })) {
  process.argv = [process.argv[0], 'bookreel', ...JSON.parse(line)]
  process.exitCode = undefined
  await runCommandLine()
  answer(`${JSON.stringify({ code: process.exitCode ?? 0, stdout: stdout(), stderr: stderr() })}\n`)
}
process.exit(0)
