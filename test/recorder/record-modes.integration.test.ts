/** Modes `light` and `snapshot` over a real socket: every frame or every instant, kills, recovery, and mixed logs. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { type FrameServer, startFrameServer } from '../support/frame-server.ts'
import { CommandProcess, isRunning, runCommand, until } from '../support/recorder-process.ts'

interface ExportedEntry {
  readonly seq: number
  readonly kind: string
  readonly receiveTime: number
  readonly text?: string
}

interface Sample {
  readonly verified?: boolean
  readonly invalid?: string
  readonly scales?: readonly [number, number]
  readonly bidPrices?: readonly number[]
  readonly bidSizes?: readonly number[]
  readonly askPrices?: readonly number[]
}

const INTERVAL = 100_000

let folder: string
let store: string
let server: FrameServer
let recorder: CommandProcess | undefined

const record = (mode: string, ...words: string[]): CommandProcess => {
  const endpoints = ['--endpoint', `bitfinex.ws=${server.url}`, '--endpoint', `bitfinex.rest=${server.rest}`]
  const place = ['--venue', 'bitfinex', '--store', store, '--json', ...endpoints]
  const pairs = words.length > 0 && !words[0]?.startsWith('--') ? [] : ['BTC-USD']
  recorder = new CommandProcess(['record', ...pairs, '--mode', mode, ...place, ...words])
  return recorder
}

const sampling = (...words: string[]): CommandProcess =>
  record('snapshot', '--interval', '100ms', '--depth', '5', ...words)

const untilClient = async (count = 1): Promise<void> => {
  await until(
    () => server.clients.length >= count,
    () => `client ${String(count)} subscribes; ${recorder?.stderr ?? ''}`,
  )
}

const stop = async (running: CommandProcess): Promise<void> => {
  running.kill('SIGINT')
  const { code, stderr } = await running.ended
  expect({ code, stderr }).toMatchObject({ code: 130 })
}

const exported = async (): Promise<readonly ExportedEntry[]> => {
  const { code, stdout } = await runCommand('export', 'frames', 'bitfinex:BTC-USD', '--store', store)
  expect(code).toBe(0)
  const entries = stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as ExportedEntry)
  expect(entries.map(({ seq }) => seq)).toEqual(entries.map((_entry, index) => index + 1))
  entries.forEach(({ receiveTime }, index) => {
    expect(receiveTime).toBeGreaterThanOrEqual(entries[index - 1]?.receiveTime ?? 0)
  })
  return entries
}

const kindsOf = (entries: readonly ExportedEntry[]): readonly string[] =>
  [...new Set(entries.map(({ kind }) => kind))].sort()

const samplesOf = (entries: readonly ExportedEntry[]): readonly (Sample & { readonly time: number })[] =>
  entries
    .filter(({ kind }) => kind === 'sample')
    .map(({ text = '', receiveTime }) => ({ ...(JSON.parse(text) as Sample), time: receiveTime }))

/** The venue's best bids as it last told its latest client: price, size. */
const venueBids = (): readonly (readonly [number, number])[] => {
  const orders = new Map<number, readonly [number, number]>()
  for (const frame of server.sent.map(String).filter((text) => text.startsWith('[1,['))) {
    const [, rows] = JSON.parse(frame) as [number, readonly number[] | readonly number[][]]
    const isSnapshot = Array.isArray(rows[0])
    if (isSnapshot) orders.clear()
    for (const [id = 0, price = 0, amount = 0] of (isSnapshot ? rows : [rows]) as readonly number[][])
      if (amount > 0) orders.set(id, [price, amount])
  }
  const levels = new Map<number, number>()
  for (const [price, amount] of orders.values()) levels.set(price, (levels.get(price) ?? 0) + amount)
  return [...levels].sort(([one], [other]) => other - one).slice(0, 5)
}

const bidsOf = ({ scales = [0, 0], bidPrices = [], bidSizes = [] }: Sample): unknown =>
  bidPrices.map((price, index) => [price / 10 ** scales[0], (bidSizes[index] ?? 0) / 10 ** scales[1]])

const expectProved = async (): Promise<void> => {
  const { code, stdout } = await runCommand('verify', '--store', store)
  expect({ code, stdout }).toMatchObject({ code: 0 })
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'bookreel-modes-'))
  store = `file:${join(folder, 'store')}`
  server = await startFrameServer()
})

afterEach(async () => {
  recorder?.killGroup('SIGKILL')
  await recorder?.ended
  await server.close()
  rmSync(folder, { recursive: true, force: true })
})

describe('record --mode light', () => {
  it('keeps every frame byte for byte, through kills of its process and of everything', async () => {
    const first = record('light')
    await untilClient()
    for (let order = 0; order < 500; order++) await server.sendOrder()
    await first.untilStatus(({ lastSeq, valid }) => valid && lastSeq > 500)
    expect(first.children().length).toBe(1)
    for (const child of first.children()) process.kill(child, 'SIGKILL')
    await untilClient(2)
    for (let order = 0; order < 300; order++) await server.sendOrder()
    const { length } = server.sent
    await first.untilStatus(({ lastSeq, valid }) => valid && lastSeq > length)
    const journaled = first.status[0]?.lastSeq ?? 0
    first.killGroup('SIGKILL')
    await first.ended
    const second = record('light')
    await untilClient(3)
    await server.sendOrder()
    await second.untilStatus(({ valid }) => valid)
    await stop(second)
    const entries = await exported()
    expect(entries.filter(({ kind }) => kind === 'frame').map(({ text }) => text)).toEqual(
      server.sent.map(String),
    )
    const ends = entries.filter(({ kind }) => kind === 'run-ended')
    expect(ends.map(({ text }) => text)).toEqual([
      '{"cause":"crash"}',
      '{"cause":"crash"}',
      '{"cause":"stopped"}',
    ])
    expect(ends[1]?.seq).toBeGreaterThan(journaled)
    await expectProved()
  })

  it('has all pairs in one process, and goes on with one when another cannot be recorded', async () => {
    const other = record('full')
    await untilClient()
    await other.untilStatus(({ valid }) => valid)
    const words = ['BTC-USD', 'ETH-USD', '--venue', 'bitfinex', '--store', store, '--json']
    const endpoints = [
      '--endpoint',
      `bitfinex.ws=${server.url}`,
      '--endpoint',
      `bitfinex.rest=${server.rest}`,
    ]
    const both = new CommandProcess(['record', '--mode', 'light', ...words, ...endpoints])
    await until(
      () => both.status[0]?.state === 'failed' && both.status[1]?.valid === true,
      () => `one stream is refused, the other valid: ${both.stdout.split('\n').at(-2) ?? ''} ${both.stderr}`,
    )
    expect(both.children().length).toBe(1)
    both.kill('SIGINT')
    const { stderr } = await both.ended
    expect(stderr).toMatch(/bitfinex:BTC-USD: .*recorded/)
    expect(both.status[1]).toMatchObject({ stream: 'bitfinex:ETH-USD', state: 'stopped', gaps: 0 })
    await stop(other)
    await expectProved()
  })

  it('stops cleanly by itself when its supervisor is gone', async () => {
    const running = record('light')
    await untilClient()
    await server.sendOrder()
    await running.untilStatus(({ valid }) => valid)
    const orphans = running.children()
    running.kill('SIGKILL')
    await running.ended
    await until(
      () => !orphans.some(isRunning),
      () => 'the orphan ends',
    )
    const entries = await exported()
    expect(entries.at(-1)).toMatchObject({ kind: 'run-ended', text: '{"cause":"stopped"}' })
    await expectProved()
  })
})

describe('record --mode snapshot', () => {
  it('keeps the venue book of every instant and no frame, and goes on behind a kill', async () => {
    const first = sampling()
    await untilClient()
    for (let order = 0; order < 200; order++) await server.sendOrder()
    await first.untilStatus(({ valid, lastSeq }) => valid && lastSeq > 10)
    const journaled = first.status[0]?.lastSeq ?? 0
    first.killGroup('SIGKILL')
    await first.ended
    const second = sampling()
    await untilClient(2)
    for (let order = 0; order < 200; order++) await server.sendOrder()
    const { lastSeq } = second.status[0] ?? { lastSeq: 0 }
    await second.untilStatus((status) => status.valid && status.lastSeq > lastSeq + 5)
    await stop(second)
    const entries = await exported()
    expect(kindsOf(entries)).toEqual(['clock', 'closed', 'opened', 'run-ended', 'run-started', 'sample'])
    const crash = entries.find(({ text }) => text === '{"cause":"crash"}')
    expect(crash?.seq).toBeGreaterThan(journaled)
    const samples = samplesOf(entries)
    const valid = samples.filter(({ invalid }) => invalid === undefined)
    expect(valid.every(({ time }) => time % INTERVAL === 0)).toBe(true)
    // Behind the last change the venue was quiet: its book is that of the last sample.
    expect(bidsOf(valid.at(-1) ?? {})).toEqual(venueBids())
    expect(samples.at(-1)).toMatchObject({ invalid: 'run-ended' })
    await expectProved()
  })

  it('says at once that a book may not be used, and reads back through replay and info', async () => {
    const running = sampling()
    await untilClient()
    await server.sendOrder()
    await running.untilStatus(({ valid, lastSeq }) => valid && lastSeq > 5)
    server.clients[0]?.close(1012, 'restarting')
    await untilClient(2)
    await running.untilStatus(({ valid, disconnects }) => valid && disconnects > 0)
    const { lastSeq } = running.status[0] ?? { lastSeq: 0 }
    await running.untilStatus((status) => status.lastSeq > lastSeq + 3)
    await stop(running)
    const entries = await exported()
    const closed = entries.find(({ kind }) => kind === 'closed')
    const marks = samplesOf(entries).filter(({ invalid }) => invalid === 'disconnect')
    expect(marks[0]?.time).toBe(closed?.receiveTime)
    const info = JSON.parse((await runCommand('info', '--store', store, '--json')).stdout) as {
      readonly streams: readonly { readonly disconnects: readonly unknown[]; readonly validShare: number }[]
    }
    expect(info.streams[0]?.disconnects.length).toBe(1)
    expect(info.streams[0]?.validShare).toBeGreaterThan(0)
    const rows = await runCommand('replay', '--every', '100ms', '--depth', '2', '--store', store, '--json')
    expect(rows.code).toBe(0)
    const valid = rows.stdout.split('\n').filter((line) => line.includes('"valid":true'))
    expect(valid.length).toBeGreaterThan(3)
    expect(valid[0]).toContain('"bids":[["100","1"]')
    await expectProved()
  })

  it('follows another mode in the same log, and is followed by one', async () => {
    for (const [run, mode] of ['full', 'snapshot', 'light'].entries()) {
      const running = record(mode)
      await untilClient(run + 1)
      await server.sendOrder()
      await running.untilStatus(({ valid }) => valid)
      const { lastSeq } = running.status[0] ?? { lastSeq: 0 }
      expect(running.status[0]).toMatchObject({ mode })
      if (mode === 'snapshot') await running.untilStatus((status) => status.lastSeq > lastSeq + 1)
      await stop(running)
    }
    const starts = (await exported()).filter(({ kind }) => kind === 'run-started')
    expect(starts.map(({ text = '' }) => (JSON.parse(text) as { mode: string }).mode)).toEqual([
      'full',
      'snapshot',
      'light',
    ])
    await expectProved()
  })
})
