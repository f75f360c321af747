/** Asks before something is done that cannot be undone. */
import { createInterface } from 'node:readline/promises'

import { tell } from './printing/output.ts'
import { Problem } from './problem.ts'

const isAgreed = async (question: string): Promise<boolean> => {
  const lines = createInterface({ input: process.stdin, output: process.stderr })
  try {
    return /^y(es)?$/i.test((await lines.question(`${question} [y/N] `)).trim())
  } finally {
    lines.close()
  }
}

/** Tells the plan and asks on a terminal; elsewhere `--yes` must have been given. `what`: "put these chunks aside". */
export const agree = async (
  plan: readonly string[],
  { question, what, yes }: { readonly question: string; readonly what: string; readonly yes: boolean },
): Promise<void> => {
  if (yes) return
  for (const line of plan) tell(line)
  if (!process.stdin.isTTY || !process.stderr.isTTY)
    throw new Problem(`Nothing was changed: add --yes to ${what}.`)
  if (!(await isAgreed(question))) throw new Problem('Nothing was changed.')
}
