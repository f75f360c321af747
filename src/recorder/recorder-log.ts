/** What a recorder tells its operator: one sentence at a time, without secrets. Where it is shown is the caller's. */

export type LogLevel = 'info' | 'warn' | 'error'

export interface LogLine {
  readonly level: LogLevel
  /** The stream or pair it is about, where it is about one. */
  readonly about: string | undefined
  /** One sentence. */
  readonly message: string
}

export type WriteLog = (line: LogLine) => void
