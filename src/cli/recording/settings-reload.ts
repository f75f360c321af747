/** New settings for a recording that runs: the `--config` file read again, when asked or when it changed. */
import type { PairChanges } from '../../recorder/pair-changes.ts'
import type { WriteLog } from '../../recorder/recorder-log.ts'
import type { Supervisor } from '../../recorder/supervisor.ts'
import { Problem } from '../problem.ts'
import { configText, type RecordFlags, type RecordWish, recordWish } from './record-wish.ts'

export interface SettingsReloadOptions {
  readonly flags: RecordFlags
  /** Of the file as recording began with it; undefined: there is none. */
  readonly text: string | undefined
  readonly wish: RecordWish
  readonly supervisor: Pick<Supervisor, 'reconfigure'>
  readonly writeLog: WriteLog
}

/** What a running recorder cannot change. */
const FIXED: Readonly<Record<string, (wish: RecordWish) => unknown>> = {
  store: ({ store }) => store,
  spool: ({ spool }) => spool,
  'take-over': ({ takesOver }) => takesOver,
  json: ({ json }) => json,
  for: ({ duration }) => duration,
  'metrics-port': ({ metrics }) => metrics.port,
  'metrics-host': ({ metrics }) => metrics.host,
  'min-free': ({ free }) => free?.least,
  'resume-at': ({ free }) => free?.resume,
}

const changesText = (changes: PairChanges): string => {
  const parts = Object.entries(changes).filter(([, pairs]: [string, readonly string[]]) => pairs.length > 0)
  if (parts.length === 0) return 'nothing is recorded otherwise than before'
  return parts.map(([what, pairs]: [string, readonly string[]]) => `${what} ${pairs.join(', ')}`).join('; ')
}

export class SettingsReload {
  private readonly options: SettingsReloadOptions
  private text: string | undefined

  constructor(options: SettingsReloadOptions) {
    this.options = options
    this.text = options.text
  }

  /** Reads the file again where it is another than before. Wants to be called every few seconds. */
  check(): void {
    if (this.options.flags.config !== undefined) this.read(false)
  }

  /** Somebody asks for it: pairs that were given up are tried again even if nothing changed. */
  ask(): void {
    this.read(true)
  }

  private read(isAsked: boolean): void {
    const { flags, wish, supervisor, writeLog } = this.options
    const { config } = flags
    try {
      const text = config === undefined ? undefined : configText(config)
      if (!isAsked && text === this.text) return
      this.text = text
      const wanted = recordWish(flags, text)
      const fixed = Object.keys(FIXED).find((name) => FIXED[name]?.(wanted) !== FIXED[name]?.(wish))
      if (fixed !== undefined) throw new Problem(`${fixed} can only change with a restart.`)
      const known = new Set(wish.plan.notices)
      for (const message of wanted.plan.notices)
        if (!known.has(message)) writeLog({ level: 'warn', about: undefined, message })
      const message = `Settings read again: ${changesText(supervisor.reconfigure(wanted.plan.pairs))}.`
      writeLog({ level: 'info', about: undefined, message })
    } catch (error) {
      if (!(error instanceof Problem)) throw error
      // A file that is away for a moment is being replaced.
      if (!isAsked && error.message.startsWith('Cannot read')) return
      const message = `The new settings are refused and the old ones go on: ${error.message}`
      writeLog({ level: 'error', about: undefined, message })
    }
  }
}
