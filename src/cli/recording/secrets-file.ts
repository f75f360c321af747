/** `--secrets FILE`: credentials out of a file or an open descriptor, for where the environment is open to too many. */
import { readFileSync } from 'node:fs'

import { usageProblem } from '../problem.ts'

const LINE = /^([A-Z][A-Z0-9]*_API_[A-Z]+|BOOKREEL_STORE)=(.*)$/

/** Puts lines `NAME=value` into this process's environment; no message shows a value. */
export const takeSecrets = (path: string): void => {
  let text: string
  try {
    text = readFileSync(/^\d+$/.test(path) ? Number(path) : path, 'utf8')
  } catch (error) {
    throw usageProblem(
      `Cannot read --secrets ${path}: ${error instanceof Error ? error.message : String(error)}.`,
    )
  }
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '' || line.startsWith('#')) continue
    const [, name, value] = LINE.exec(line) ?? []
    if (name === undefined || value === undefined)
      throw usageProblem(
        `Line ${String(index + 1)} of --secrets ${path} is no NAME=value of a secret: COINBASE_API_KEY, …_SECRET, …_PASSPHRASE, BOOKREEL_STORE.`,
      )
    process.env[name] = value
  }
}
