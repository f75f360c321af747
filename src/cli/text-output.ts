/** Where an export goes: stdout, or a file that takes its name only when it is complete. */
import { once } from 'node:events'
import { createWriteStream, existsSync } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { finished } from 'node:stream/promises'

import { Problem } from './problem.ts'

export interface TextOutput {
  readonly write: (text: string) => Promise<void>
  /** Completes the output: a file appears under its name now. */
  readonly finish: () => Promise<void>
  /** Leaves nothing behind. */
  readonly abandon: () => Promise<void>
}

const toStdout = (): TextOutput => ({
  write: async (text) => {
    if (!process.stdout.write(text)) await once(process.stdout, 'drain')
  },
  finish: () => Promise.resolve(),
  abandon: () => Promise.resolve(),
})

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** `-` or nothing is stdout. A file that exists is refused unless `overwrite`. */
export const openOutput = async (path: string | undefined, overwrite: boolean): Promise<TextOutput> => {
  if (path === undefined || path === '-') return toStdout()
  if (existsSync(path) && !overwrite)
    throw new Problem(`${path} exists already: name another file, or add --overwrite.`)
  const partial = `${path}.partial`
  const file = createWriteStream(partial)
  let failure: unknown
  file.on('error', (error) => {
    failure = error
  })
  const fail = (): never => {
    throw new Problem(`Cannot write ${path}: ${reasonOf(failure)}.`)
  }
  await Promise.race([once(file, 'open'), once(file, 'error')]).catch((error: unknown) => {
    failure = error
  })
  if (failure !== undefined) fail()
  return {
    write: async (text) => {
      if (failure !== undefined) fail()
      if (!file.write(text)) await Promise.race([once(file, 'drain'), once(file, 'close')])
      if (failure !== undefined) fail()
    },
    finish: async () => {
      file.end()
      await finished(file).catch(() => undefined)
      if (failure !== undefined) fail()
      await rename(partial, path)
    },
    abandon: async () => {
      file.destroy()
      await rm(partial, { force: true })
    },
  }
}
