/** The finished rounds of all parts: one line each in a file that outlives the command, so that a later one goes on. */
import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'

export const PARTS = ['kill', 'fault', 'hostile', 'soak'] as const
export type Part = (typeof PARTS)[number]

/** What a round found. */
export interface RoundFindings {
  /** What happened and was compared: sums over rounds, but those whose name begins with `most `. */
  readonly figures: Readonly<Record<string, number>>
  /** One sentence for each promise that was not kept. */
  readonly failures: readonly string[]
}

/** A finished round. */
export interface RoundResult extends RoundFindings {
  readonly part: Part
  /** The row of the table it belongs to. */
  readonly row: string
  readonly seed: number
  /** ISO time of its end. */
  readonly date: string
  readonly machine: string
  /** Of bookreel, with its commit: `0.1.0 at 1a2b3c4`, and `, changed` behind it where files were. Rounds of before have none. */
  readonly version?: string
  readonly seconds: number
}

/** Rounds so far, oldest first; a line that a killed command left half is passed over. */
export const readResults = (file: string): readonly RoundResult[] => {
  if (!existsSync(file)) return []
  const results: RoundResult[] = []
  for (const line of readFileSync(file, 'utf8').split('\n'))
    try {
      if (line !== '') results.push(JSON.parse(line) as RoundResult)
    } catch {
      // Half a line.
    }
  return results
}

export const appendResult = (file: string, result: RoundResult): void => {
  mkdirSync(dirname(file), { recursive: true })
  appendFileSync(file, `${JSON.stringify(result)}\n`)
}

const isMost = (name: string): boolean => name.startsWith('most ')

/** The figures of several rounds as one. */
export const sumFigures = (
  all: readonly Pick<RoundFindings, 'figures'>[],
): Readonly<Record<string, number>> => {
  const sums: Record<string, number> = {}
  for (const { figures } of all)
    for (const [name, value] of Object.entries(figures))
      sums[name] = isMost(name) ? Math.max(sums[name] ?? 0, value) : (sums[name] ?? 0) + value
  return sums
}
