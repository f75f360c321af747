/** The built command line in a process of its own, as a test sees it. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'

import { builtFile } from './built.ts'

export interface StreamLine {
  readonly stream: string
  readonly entries: number
  readonly lastSeq: number
  /** Microseconds since the Unix epoch. */
  readonly lastReceiveTime: number | null
  readonly mode: string
  readonly state: string
  readonly gaps: number
  readonly checksums: { readonly right: number; readonly wrong: number }
  readonly spooledChunks: number
  readonly spooledBytes: number
  readonly storeAway: { readonly why: string; readonly milliseconds: number } | null
  readonly sealMismatches: number
  readonly valid: boolean
  readonly verified: boolean
  readonly bestBid: string | null
  readonly disconnects: number
  readonly undecoded: number
  readonly digest: string | null
  readonly digestSeq: number | null
}

interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

const LIMIT = 120_000

/** Waits until the condition holds; throws what `describe` says when it does not in time. */
export const until = async (
  condition: () => boolean,
  describe: () => string,
  limit = LIMIT,
): Promise<void> => {
  const end = Date.now() + limit
  while (!condition()) {
    if (Date.now() > end) throw new Error(`did not happen in time: ${describe()}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

export class CommandProcess {
  stdout = ''
  stderr = ''
  readonly ended: Promise<Ended>
  private readonly child: ChildProcess

  /** `uid`: the user it runs as; undefined: ours. */
  constructor(words: readonly string[], environment: Readonly<Record<string, string>> = {}, uid?: number) {
    const env = {
      ...process.env,
      COINBASE_API_KEY: '',
      COINBASE_API_SECRET: '',
      COINBASE_API_PASSPHRASE: '',
      ...environment,
    }
    this.child = spawn(process.execPath, [builtFile('src/cli/main.ts'), ...words], {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
      ...(uid === undefined ? {} : { uid }),
    })
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => (this.stdout += text))
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.stderr += text))
    this.ended = once(this.child, 'close').then(([code]) => ({
      code: code as number | null,
      stdout: this.stdout,
      stderr: this.stderr,
    }))
  }

  /** The latest complete line of status. */
  get status(): readonly StreamLine[] {
    const end = this.stdout.lastIndexOf('\n')
    if (end < 0) return []
    const line = this.stdout.slice(this.stdout.lastIndexOf('\n', end - 1) + 1, end)
    return (JSON.parse(line) as { streams: StreamLine[] }).streams
  }

  async untilStatus(condition: (first: StreamLine) => boolean): Promise<void> {
    await until(
      () => this.status[0] !== undefined && condition(this.status[0]),
      () => `${this.stdout.split('\n').slice(-3).join('\n')}\n${this.stderr}`,
    )
  }

  get pid(): number | undefined {
    return this.child.pid
  }

  /** As a reader that has seen enough. */
  stopReading(): void {
    this.child.stdout?.destroy()
  }

  /** To the main process alone. */
  kill(signal: NodeJS.Signals): void {
    this.child.kill(signal)
  }

  /** To the main process and all it started, as a terminal does. Nothing when they are gone. */
  killGroup(signal: NodeJS.Signals): void {
    const { pid } = this.child
    if (pid === undefined) throw new Error('the process did not start')
    try {
      process.kill(-pid, signal)
    } catch {
      // No process of the group is left.
    }
  }

  /** Process numbers of the processes the main process started. */
  children(): readonly number[] {
    const listed = spawnSync('pgrep', ['-P', String(this.child.pid)], { encoding: 'utf8' })
    return listed.stdout
      .split('\n')
      .filter((line) => line !== '')
      .map(Number)
  }
}

/** Whether a process runs still; one that ended and was not collected does not. */
export const isRunning = (pid: number): boolean => {
  const { stdout } = spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' })
  return stdout.trim() !== '' && !stdout.trim().startsWith('Z')
}

/** Runs a command to its end. */
export const runCommand = async (...words: string[]): Promise<Ended> => await new CommandProcess(words).ended
