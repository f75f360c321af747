#!/usr/bin/env node
/** Where the process begins: it answers signals before all else, which takes its time to load, is there. */
import { endOnSignals } from './signals.ts'

// A reader that has seen enough (`| head`), or a terminal that is gone, is no trouble.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE' || error.code === 'EIO') process.exit()
  throw error
})

endOnSignals()
const { runCommandLine } = await import('./command-line.ts')
await runCommandLine()
