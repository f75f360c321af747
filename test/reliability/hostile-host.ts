/**
 * A machine whose wall clock and name server the test commands: a module that a recorder's processes and threads load
 * before anything else. The clock is moved by the milliseconds in one file; names under `.test` are this machine, until another
 * file is there.
 */
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const moduleText = (clock: string, gone: string): string => `
import dns from 'node:dns'
import { existsSync, readFileSync } from 'node:fs'
const now = Date.now
let shift = 0
setInterval(() => {
  try { shift = Number(readFileSync(${JSON.stringify(clock)}, 'utf8')) } catch {}
}, 50).unref()
Date.now = () => now() + shift
const lookup = dns.lookup
dns.lookup = (host, options, callback) => {
  const done = callback ?? options
  if (!host.endsWith('.test')) return lookup(host, options, callback)
  if (existsSync(${JSON.stringify(gone)})) {
    const error = new Error('getaddrinfo ENOTFOUND ' + host)
    process.nextTick(done, Object.assign(error, { code: 'ENOTFOUND', syscall: 'getaddrinfo', hostname: host }))
  } else if (options.all === true) process.nextTick(done, null, [{ address: '127.0.0.1', family: 4 }])
  else process.nextTick(done, null, '127.0.0.1', 4)
}
`

export interface HostileHost {
  /** What a process needs to live there. */
  readonly environment: Readonly<Record<string, string>>
  readonly moveClock: (milliseconds: number) => void
  readonly takeNames: (isGone: boolean) => void
}

export const newHostileHost = (folder: string): HostileHost => {
  const [module, clock, gone] = ['host.mjs', 'clock', 'names-gone'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ]
  writeFileSync(module, moduleText(clock, gone))
  return {
    environment: { NODE_OPTIONS: `--import=${pathToFileURL(module).href}` },
    moveClock: (milliseconds) => {
      writeFileSync(clock, String(milliseconds))
    },
    takeNames: (isGone) => {
      if (isGone) writeFileSync(gone, '')
      else rmSync(gone)
    },
  }
}
