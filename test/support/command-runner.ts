/** Runs built commands one after the other in one process, which is many times sooner than a process for each. */
import { type ChildProcess, fork } from 'node:child_process'
import { resolve as pathOf } from 'node:path'
import { pathToFileURL } from 'node:url'

import { builtFile } from './built.ts'

/** What a command came to. */
export interface Ran {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export class CommandRunner {
  private readonly child: ChildProcess

  constructor() {
    const commands = pathToFileURL(builtFile('src/cli/command-line.ts')).href
    this.child = fork(pathOf(import.meta.dirname, 'command-server.mjs'), [commands], { stdio: 'inherit' })
  }

  /** One at a time. Fails where the process ends instead of answering. */
  async run(...words: readonly string[]): Promise<Ran> {
    const { child } = this
    return await new Promise((resolve, reject) => {
      const onEnd = (): void => {
        reject(new Error(`the process ended in the middle of ${words.join(' ')}`))
      }
      child.once('exit', onEnd)
      child.once('message', (ran: Ran) => {
        child.off('exit', onEnd)
        resolve(ran)
      })
      child.send(words)
    })
  }

  close(): void {
    this.child.kill()
  }
}
