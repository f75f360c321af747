/** Runs this very command line in a process of its own and reads the JSON lines it prints. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

import { Problem } from '../problem.ts'

const MAIN = fileURLToPath(new URL('../main.js', import.meta.url))

export class OwnProcess {
  private readonly child: ChildProcess
  private readonly name: string
  private readonly lines: unknown[] = []
  private errors = ''
  private readonly ended: Promise<unknown>
  private wake: () => void = () => undefined

  /** `environment` is added to this process's own. */
  constructor(words: readonly string[], environment: Readonly<Record<string, string>> = {}) {
    this.name = words[0] ?? ''
    const env = { ...process.env, ...environment }
    this.child = spawn(process.execPath, [MAIN, ...words], { env, stdio: ['ignore', 'pipe', 'pipe'] })
    this.ended = once(this.child, 'close')
    const { stdout, stderr } = this.child
    if (stdout !== null)
      createInterface({ input: stdout }).on('line', (line) => {
        this.lines.push(JSON.parse(line))
        this.wake()
      })
    stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.errors = (this.errors + text).slice(-4000)
    })
    // Whatever ends this process must not leave the other behind.
    const stopChild = (): void => void this.child.kill('SIGTERM')
    process.once('exit', stopChild)
    this.child.on('close', () => {
      process.off('exit', stopChild)
      this.wake()
    })
  }

  /** The last line printed so far. */
  get latest(): unknown {
    return this.lines.at(-1)
  }

  /** The first line; waits for it. */
  async first(): Promise<unknown> {
    while (this.lines.length === 0) {
      if (this.child.exitCode !== null) throw this.failure()
      await new Promise<void>((resolve) => {
        this.wake = resolve
      })
    }
    return this.lines[0]
  }

  private failure(): Problem {
    return new Problem(`"bookreel ${this.name}" ended early: ${this.errors.trim()}`)
  }

  /** Asks it to stop, waits for its end, and gives the last line it printed. */
  async stop(signal: NodeJS.Signals = 'SIGINT'): Promise<unknown> {
    this.child.kill(signal)
    return await this.end()
  }

  /** Waits for its end and gives the last line it printed. */
  async end(): Promise<unknown> {
    await this.ended
    if (this.latest === undefined) throw this.failure()
    return this.latest
  }

  kill(): void {
    this.child.kill('SIGKILL')
  }
}
