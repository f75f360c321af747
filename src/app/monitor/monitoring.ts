/** Lets others ask how a recording goes: always on the local socket, on a port where one is wanted. */
import { realpathSync } from 'node:fs'
import { resolve } from 'node:path'

import { healthOf } from '../../recorder/recorder-health.ts'
import type { WriteLog } from '../../recorder/recorder-log.ts'
import type { Supervisor } from '../../recorder/supervisor.ts'
import { SOFTWARE } from '../software.ts'
import { freeBytesAt } from './free-space.ts'
import { type MonitorServer, startMonitor } from './monitor-server.ts'
import type { RecorderReport } from './recorder-report.ts'
import { ownSocketPath } from './status-sockets.ts'

export interface MonitoringOptions {
  readonly supervisor: Supervisor
  /** As it may be shown. */
  readonly store: string
  readonly journalFolder: string
  /** Undefined: no port. */
  readonly port: number | undefined
  readonly host: string
  readonly writeLog: WriteLog
  /** Another recorder of this user, process `by`, takes over: this one is to end. */
  readonly onHandOver: (by: string) => void
}

/** One name for a folder, however it was given. */
export const systemPath = (path: string): string => {
  try {
    return realpathSync(path)
  } catch {
    return resolve(path)
  }
}

const nowMicros = (): number => Date.now() * 1000

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** The answer ends it. Rejects with one sentence when the port cannot be had; without the local socket it goes on. */
export const startMonitoring = async (options: MonitoringOptions): Promise<() => Promise<void>> => {
  const { supervisor, store, journalFolder, port, host, writeLog } = options
  const startedAt = nowMicros()
  const report = async (): Promise<RecorderReport> => {
    const streams = supervisor.status()
    const now = nowMicros()
    return {
      process: process.pid,
      software: SOFTWARE,
      startedAt,
      now,
      store,
      journal: systemPath(journalFolder),
      ...healthOf(streams, supervisor.pauseReason),
      paused: supervisor.pauseReason ?? null,
      restarts: Object.fromEntries(supervisor.restarts()),
      freeBytes: (await freeBytesAt(journalFolder)) ?? null,
      streams,
    }
  }
  const servers: MonitorServer[] = []
  if (port !== undefined) {
    try {
      const server = await startMonitor({ kind: 'port', host, port }, report)
      servers.push(server)
      writeLog({ level: 'info', about: undefined, message: `Metrics at ${server.address}/metrics.` })
    } catch (error) {
      throw new Error(`Cannot listen at ${host}:${String(port)} for --metrics-port: ${reasonOf(error)}.`)
    }
  }
  try {
    servers.push(await startMonitor({ kind: 'socket', path: ownSocketPath() }, report, options.onHandOver))
  } catch (error) {
    const message = `"bookreel status" will not find this recorder: ${reasonOf(error)}.`
    writeLog({ level: 'warn', about: undefined, message })
  }
  return async () => {
    await Promise.all(servers.map((server) => server.close()))
  }
}
