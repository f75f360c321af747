/** What a command tells a user who asked for something that cannot be done: one sentence and an exit code. */

/** Exit codes of the command line. */
export const EXIT = {
  done: 0,
  failed: 1,
  usage: 2,
  damage: 3,
  noRoom: 4,
  hungUp: 129,
  interrupted: 130,
  terminated: 143,
} as const

/** Thrown by commands; main prints the message alone, without a stack, and exits with the code. */
export class Problem extends Error {
  readonly exitCode: number

  constructor(message: string, exitCode: number = EXIT.failed) {
    super(message)
    this.exitCode = exitCode
  }
}

/** A wrong argument: exit code 2. */
export const usageProblem = (message: string): Problem => new Problem(message, EXIT.usage)
