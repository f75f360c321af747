import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { type FrameServer, startFrameServer } from '../support/frame-server.ts'
import { CommandProcess, until } from '../support/recorder-process.ts'

let folder = ''
let venue: FrameServer
let environment: Readonly<Record<string, string>> = {}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'bookreel-status-'))
  environment = { XDG_RUNTIME_DIR: folder }
  venue = await startFrameServer()
})

afterEach(async () => {
  await venue.close()
  rmSync(folder, { recursive: true, force: true })
})

const recording = (...more: readonly string[]): CommandProcess =>
  new CommandProcess(
    [
      'record', 'BTC-USD', '--venue', 'bitfinex', '--store', `file:${join(folder, 'store')}`,
      '--endpoint', `bitfinex.ws=${venue.url}`, '--endpoint', `bitfinex.rest=${venue.rest}`, ...more,
    ],
    environment,
  ) // prettier-ignore

interface Report {
  readonly healthy: boolean
  readonly streams: readonly { readonly stream: string; readonly entries: number; readonly valid: boolean }[]
  readonly freeBytes: number
}

describe('a running recorder', () => {
  it('answers bookreel status, Prometheus and health checks, and nobody once it has ended', async () => {
    const recorder = recording('--metrics-port', '0', '--json')
    // It goes on, whoever read its lines and does not any more.
    await recorder.untilStatus(() => true)
    recorder.stopReading()
    await until(
      () => venue.clients.length > 0,
      () => recorder.stderr,
    )
    for (let order = 0; order < 20; order++) await venue.sendOrder()
    const address = (): string | undefined =>
      /Metrics at (http:\/\/127\.0\.0\.1:\d+)\/metrics/.exec(recorder.stderr)?.[1]
    await until(
      () => address() !== undefined,
      () => recorder.stderr,
    )
    const base = address() ?? ''
    const report = async (): Promise<Report> => (await (await fetch(`${base}/status`)).json()) as Report
    let last = await report()
    for (const end = Date.now() + 120_000; last.streams[0]?.valid !== true && Date.now() < end;)
      last = await report()
    expect(last).toMatchObject({
      healthy: true,
      streams: [{ stream: 'bitfinex:BTC-USD', state: 'live', valid: true }],
    })
    expect(last.freeBytes).toBeGreaterThan(0)

    const metrics = await fetch(`${base}/metrics`)
    expect(metrics.headers.get('content-type')).toMatch(/^text\/plain/)
    const text = await metrics.text()
    expect(text).toMatch(/^bookreel_stream_state\{stream="bitfinex:BTC-USD",state="live"\} 1$/m)
    expect(text).toMatch(/^bookreel_book_valid\{stream="bitfinex:BTC-USD"\} 1$/m)
    expect(Number(/^bookreel_entries_total\{.*\} (\d+)$/m.exec(text)?.[1])).toBeGreaterThan(20)
    expect(text).toMatch(/^bookreel_pair_restarts_total\{pair="BTC-USD"\} 0$/m)

    const health = await fetch(`${base}/health`)
    expect([health.status, await health.json()]).toEqual([200, { healthy: true, troubles: [] }])
    expect((await fetch(`${base}/nothing`)).status).toBe(404)
    expect((await fetch(`${base}/status`, { method: 'POST' })).status).toBe(405)

    const asked = await new CommandProcess(['status'], environment).ended
    expect([asked.code, asked.stderr]).toEqual([0, ''])
    expect(asked.stdout).toMatch(/^bookreel \d.*, process \d+, since .* into file:.* free$/m)
    expect(asked.stdout).toMatch(/^bitfinex:BTC-USD +live +\w+ +\d+ /m)
    const forMachines = await new CommandProcess(['status', '--json'], environment).ended
    expect(JSON.parse(forMachines.stdout)).toMatchObject({ recorders: [{ healthy: true }], silent: [] })

    recorder.kill('SIGINT')
    expect((await recorder.ended).code).toBe(130)
    expect(recorder.stderr.match(/Nobody reads the lines of status any more/g)?.length).toBe(1)
    expect(readdirSync(join(folder, 'bookreel'))).toEqual([])
    expect((await new CommandProcess(['status'], environment).ended).stdout).toMatch(/^No recorder of yours/)
  })

  it('leaves nothing behind that status cannot tell from a recorder at work', async () => {
    const recorder = recording()
    await until(
      () => venue.clients.length > 0,
      () => recorder.stderr,
    )
    recorder.killGroup('SIGKILL')
    await recorder.ended
    expect(readdirSync(join(folder, 'bookreel')).length).toBe(1)
    const asked = await new CommandProcess(['status'], environment).ended
    expect([asked.code, asked.stdout]).toEqual([1, 'No recorder of yours is running on this machine.\n'])
    expect(readdirSync(join(folder, 'bookreel'))).toEqual([])
  })

  it('says in one sentence that its port is taken, and records nothing', async () => {
    const taken = createServer().listen(0, '127.0.0.1')
    await until(
      () => taken.listening,
      () => 'not listening',
    )
    const place = taken.address()
    const port = place !== null && typeof place === 'object' ? String(place.port) : ''
    const { code, stderr } = await recording('--metrics-port', port).ended
    taken.close()
    expect(code).toBe(1)
    expect(stderr).toMatch(
      new RegExp(`^bookreel: Cannot listen at 127\\.0\\.0\\.1:${port} for --metrics-port: .*\\.$`, 'm'),
    )
    expect(stderr).not.toMatch(/^ +at /m)
    expect(venue.connections()).toBe(0)
  })
})
