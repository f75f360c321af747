/** Keeps a recording from filling its disk: ends it, or pauses it until there is room again. How much is free is asked for. */
import type { WriteLog } from '../../recorder/recorder-log.ts'
import type { Supervisor } from '../../recorder/supervisor.ts'

export interface DiskGuardOptions {
  /** Bytes below which nothing is recorded. */
  readonly least: number
  /** Bytes at which recording goes on by itself; undefined: it ends instead of pausing. */
  readonly resume: number | undefined
  /** Undefined: the system does not say. */
  readonly freeBytes: () => Promise<number | undefined>
  readonly supervisor: Pick<Supervisor, 'pause' | 'pauseReason' | 'resume' | 'stop'>
  readonly writeLog: WriteLog
}

const sizeText = (bytes: number): string =>
  bytes < 1e9 ? `${(bytes / 1e6).toFixed(0)} MB` : `${(bytes / 1e9).toFixed(1)} GB`

/**
 * Looks to wait after a pause that was not ours: a disk was full before we saw it, and what the system calls free need not be ours
 * to use (a quota).
 */
const REST = 10

export class DiskGuard {
  /** Why recording was ended, one sentence; undefined: it was not. */
  reason: string | undefined
  private readonly options: DiskGuardOptions
  private rest = REST

  constructor(options: DiskGuardOptions) {
    this.options = options
  }

  /** Wants to be called every second, and before recording begins. */
  async check(): Promise<void> {
    const { freeBytes, least, resume, supervisor, writeLog } = this.options
    const free = await freeBytes()
    if (free === undefined || this.reason !== undefined) return
    if (supervisor.pauseReason !== undefined) {
      if (resume !== undefined && free >= resume && --this.rest <= 0) this.goOn(free)
      return
    }
    this.rest = REST
    if (free >= least) return
    const room = `${sizeText(free)} are free where entries are journaled, less than --min-free ${sizeText(least)}`
    if (resume === undefined) {
      this.reason = `${room}: recording ended, everything received is kept; make room, then start it again.`
      writeLog({ level: 'error', about: undefined, message: this.reason })
      supervisor.stop()
      return
    }
    const reason = `${room}: recording is paused, and goes on at ${sizeText(resume)} or at SIGHUP.`
    writeLog({ level: 'error', about: undefined, message: reason })
    supervisor.pause(reason)
    this.rest = 0
  }

  /** Somebody asks to go on: it does, where there is more than the least. */
  async askToResume(): Promise<void> {
    const { freeBytes, least, supervisor, writeLog } = this.options
    if (supervisor.pauseReason === undefined) return
    const free = await freeBytes()
    if (free === undefined || free >= least) this.goOn(free)
    else
      writeLog({
        level: 'warn',
        about: undefined,
        message: `Recording stays paused: ${sizeText(free)} are free, less than --min-free ${sizeText(least)}.`,
      })
  }

  private goOn(free: number | undefined): void {
    const { supervisor, writeLog } = this.options
    const room = free === undefined ? '' : `: ${sizeText(free)} are free`
    writeLog({ level: 'info', about: undefined, message: `Recording goes on${room}.` })
    supervisor.resume()
  }
}
