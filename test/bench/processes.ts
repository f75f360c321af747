/** Processes that benchmarks start, and what the system says of them. Linux tells it under /proc. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const TICKS_PER_SECOND = 100
const PAGE_BYTES = 4096

const scriptPath = (name: string): string => fileURLToPath(new URL(name, import.meta.url))

/** The command line as this build has it. */
export const MAIN = scriptPath('../../src/cli/main.js')

export const start = (
  script: string,
  words: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): ChildProcess =>
  spawn(process.execPath, [script.startsWith('/') ? script : scriptPath(script), ...words], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...environment },
  })

/** Calls back with every line that the process prints. */
export const onLine = (child: ChildProcess, take: (line: string) => void): void => {
  if (child.stdout !== null) createInterface({ input: child.stdout }).on('line', take)
}

export const firstLine = async (child: ChildProcess): Promise<string> =>
  await new Promise((resolve) => {
    if (child.stdout !== null) createInterface({ input: child.stdout }).once('line', resolve)
  })

const statOf = (process: string): readonly string[] => {
  const text = readFileSync(`/proc/${process}/stat`, 'utf8')
  return text.slice(text.lastIndexOf(')') + 2).split(' ')
}

/** Processor seconds of all ended children of this process and of theirs. */
const endedChildrenSeconds = (): number => {
  const fields = statOf('self')
  return (Number(fields[13]) + Number(fields[14])) / TICKS_PER_SECOND
}

/** Processor seconds, user and system, of everything that `run` starts and waits for. */
export const processorSeconds = async (run: () => Promise<void>): Promise<number> => {
  const before = endedChildrenSeconds()
  await run()
  return endedChildrenSeconds() - before
}

/** Processor seconds, user and system, of one process so far. */
export const processSeconds = (pid: number): number => {
  const fields = statOf(String(pid))
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND
}

/** A sum over a process and its descendants that live now. */
const overFamily = (root: number, value: (stat: readonly string[], pid: string) => number): number => {
  const parents = new Map<number, number>()
  const values = new Map<number, number>()
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    try {
      const fields = statOf(name)
      parents.set(Number(name), Number(fields[1]))
      values.set(Number(name), value(fields, name))
    } catch {
      // It ended while the list was read.
    }
  }
  const isInside = (pid: number): boolean => {
    for (let at: number | undefined = pid; at !== undefined && at > 1; at = parents.get(at))
      if (at === root) return true
    return false
  }
  return [...values].reduce((sum, [pid, one]) => (isInside(pid) ? sum + one : sum), 0)
}

/** Resident bytes of a process and its descendants; shared pages are counted once per process. */
export const residentBytes = (root: number): number =>
  overFamily(root, (fields) => Number(fields[21]) * PAGE_BYTES)

/** Files, sockets and the like that a process and its descendants have open. */
export const openHandles = (root: number): number =>
  overFamily(root, (_fields, pid) => readdirSync(`/proc/${pid}/fd`).length)

/** Resident bytes of one process alone; 0: it is gone. */
export const residentOf = (pid: number): number => {
  try {
    return Number(statOf(String(pid))[21]) * PAGE_BYTES
  } catch {
    return 0
  }
}

/** Processor seconds, user and system, of a process and its descendants so far. */
export const familySeconds = (root: number): number =>
  overFamily(root, (fields) => (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND)

export const ended = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
}
