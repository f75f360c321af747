/** Where an export goes: stdout, or a file that takes its name only when it is complete. */
import { once } from 'node:events'
import { rmSync, statSync } from 'node:fs'
import { type FileHandle, open, rename } from 'node:fs/promises'

import { Problem } from '../problem.ts'

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

/** What stands at a path: nothing, a file, a folder, or something to write straight into (a device, a pipe). */
const standingAt = (path: string): 'nothing' | 'file' | 'folder' | 'device' => {
  const found = statSync(path, { throwIfNoEntry: false })
  if (found === undefined) return 'nothing'
  return found.isFile() ? 'file' : found.isDirectory() ? 'folder' : 'device'
}

/** Runs a step of writing `path`; what goes wrong becomes one sentence. */
const attempt = async <A>(path: string, step: () => Promise<A>): Promise<A> => {
  try {
    return await step()
  } catch (error) {
    throw new Problem(`Cannot write ${path}: ${reasonOf(error)}.`)
  }
}

const toFile = (path: string, partial: string, file: FileHandle): TextOutput => {
  const isOwnFile = partial !== path
  const removePartial = (): void => {
    if (isOwnFile) rmSync(partial, { force: true })
  }
  // A signal ends the process here or there: nothing half written stays.
  process.once('exit', removePartial)
  return {
    write: async (text) => {
      await attempt(path, () => file.appendFile(text))
    },
    finish: async () => {
      await attempt(path, async () => {
        await file.close()
        if (isOwnFile) await rename(partial, path)
      })
      process.off('exit', removePartial)
    },
    abandon: async () => {
      await file.close().catch(() => undefined)
      removePartial()
      process.off('exit', removePartial)
    },
  }
}

/** `-` or nothing is stdout. A file that exists is refused unless `overwrite`. */
export const openOutput = async (path: string | undefined, overwrite: boolean): Promise<TextOutput> => {
  if (path === undefined || path === '-') return toStdout()
  const standing = await attempt(path, () => Promise.resolve(standingAt(path)))
  if (standing === 'folder') throw new Problem(`${path} is a folder: name a file in it.`)
  if (standing === 'file' && !overwrite)
    throw new Problem(`${path} exists already: name another file, or add --overwrite.`)
  const partial = standing === 'device' ? path : `${path}.partial`
  return toFile(path, partial, await attempt(path, () => open(partial, 'w')))
}
