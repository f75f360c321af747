/** What a benchmark gives, and the measuring that all of them share. */

/** One line of a benchmark's table. */
export interface Row {
  readonly name: string
  readonly value: string
  readonly note?: string
}

export interface Benchmark {
  readonly name: string
  /** What is measured, on what, and what a slowdown would mean. */
  readonly about: string
  readonly run: () => Promise<readonly Row[]>
}

export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((one, other) => one - other)
  return sorted[Math.floor(sorted.length / 2)] ?? NaN
}

/** Milliseconds that one call takes. */
export const timed = (action: () => void): number => {
  const start = performance.now()
  action()
  return performance.now() - start
}

/** Runs the contenders in turn, round after round, so that a drift of the machine meets all of them. */
export const interleaved = (
  rounds: number,
  contenders: readonly (() => void)[],
): readonly (readonly number[])[] => {
  for (const contender of contenders) contender()
  const times: number[][] = contenders.map(() => [])
  for (let round = 0; round < rounds; round++)
    contenders.forEach((contender, index) => {
      globalThis.gc?.()
      times[index]?.push(timed(contender))
    })
  return times
}

export const perSecond = (count: number, milliseconds: number): string =>
  `${Math.round((count / milliseconds) * 1000).toLocaleString('en-US')}/s`
