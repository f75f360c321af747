#!/usr/bin/env node
/** Where the process begins: it answers signals before all else, which takes its time to load, is there. */
import { endOnSignals } from './signals.ts'

// A reader that has seen enough (`| head`) is no trouble.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit()
  throw error
})

endOnSignals()
const { runCommandLine } = await import('./command-line.ts')
await runCommandLine()
