/** Two connections of a stream, and two recorders one after the other: what one of them loses, or hands over, is there. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { isLeft, right } from 'fp-ts/lib/Either.js'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { parseFaultScript } from '../../simulator/faults/fault-script.ts'
import type { LinksOptions } from '../../simulator/faults/links.ts'
import { type Simulation, startSimulation, TEST_CREDENTIALS } from '../../simulator/simulate.ts'
import { CommandProcess, runCommand, until } from '../support/recorder-process.ts'

interface StoredEntry {
  readonly seq: number
  readonly kind: string
  readonly receiveTime: number
  readonly connection: number
  readonly text?: string
}

let folder: string
let simulation: Simulation | undefined
let running: CommandProcess[] = []

const store = (): string => `file:${join(folder, 'store')}`

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bookreel-hand-over-'))
})

afterEach(async () => {
  for (const process of running) {
    process.killGroup('SIGKILL')
    await process.ended
  }
  running = []
  await simulation?.stop()
  simulation = undefined
  rmSync(folder, { recursive: true, force: true })
})

const simulate = async (rules: readonly object[] = []): Promise<void> => {
  const parsed = rules.length === 0 ? right([]) : parseFaultScript(JSON.stringify(rules))
  if (isLeft(parsed)) throw new Error(parsed.left)
  const links: LinksOptions = { rules: parsed.right }
  simulation = await startSimulation({
    ...{ seed: 1, rate: 200, orders: 200, pairs: ['BTC-USD'], venues: ['coinbase', 'bitfinex'], links },
  })
}

const record = (...words: string[]): CommandProcess => {
  if (simulation === undefined) throw new Error('no venue')
  const endpoints = Object.entries(simulation.endpoints).flatMap(([venue, { ws, rest }]) => [
    ...['--endpoint', `${venue}.ws=${ws}`, '--endpoint', `${venue}.rest=${rest}`],
  ])
  const process = new CommandProcess(
    ['record', 'BTC-USD', '--json', '--store', store(), ...endpoints, ...words],
    {
      COINBASE_API_KEY: TEST_CREDENTIALS.key,
      COINBASE_API_SECRET: TEST_CREDENTIALS.secret,
      COINBASE_API_PASSPHRASE: TEST_CREDENTIALS.passphrase,
      XDG_RUNTIME_DIR: folder,
    },
  )
  running.push(process)
  return process
}

const untilValid = async (process: CommandProcess, least = 200): Promise<void> => {
  await until(
    () =>
      process.status.length === 2 && process.status.every(({ valid, entries }) => valid && entries > least),
    () => `${JSON.stringify(process.status)}\n${process.stderr}`,
    120_000,
  )
}

const entriesOf = async (stream: string): Promise<readonly StoredEntry[]> => {
  const { code, stdout, stderr } = await runCommand('export', 'frames', stream, '--store', store())
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as StoredEntry)
}

const expectWhole = (entries: readonly StoredEntry[]): void => {
  expect(entries.map(({ seq }) => seq)).toEqual(entries.map((_entry, index) => index + 1))
  for (const [index, { receiveTime }] of entries.entries())
    expect(receiveTime).toBeGreaterThanOrEqual(entries[index - 1]?.receiveTime ?? 0)
}

/** Numbers that the venue gave between the first and the last one recorded, and that no frame has. */
const missingNumbers = (entries: readonly StoredEntry[]): readonly number[] => {
  const numbers = new Set<number>()
  for (const { kind, text } of entries) {
    if (kind !== 'frame') continue
    const message = JSON.parse(text ?? '') as { type?: string; sequence?: number }
    const isCounted = ['received', 'open', 'done', 'match', 'change'].includes(message.type ?? '')
    if (isCounted && message.sequence !== undefined) numbers.add(message.sequence)
  }
  const sorted = [...numbers].sort((a, b) => a - b)
  expect(sorted.length).toBeGreaterThan(400)
  const missing: number[] = []
  for (let number = sorted[0] ?? 0; number < (sorted.at(-1) ?? 0); number++)
    if (!numbers.has(number)) missing.push(number)
  return missing
}

describe('a recorder that takes over from another one', () => {
  it('connects first, and no number of the venue is missing between the two', async () => {
    await simulate()
    const first = record()
    await untilValid(first)
    const second = record('--take-over')
    const { code, stderr } = await first.ended
    expect({ code, stderr }).toMatchObject({ code: 0 })
    expect(stderr).toContain('takes over')
    await untilValid(second)
    expect(second.stderr).toContain('taking over from process')
    second.kill('SIGINT')
    expect((await second.ended).code).toBe(130)
    const coinbase = await entriesOf('coinbase:BTC-USD')
    expectWhole(coinbase)
    expect(missingNumbers(coinbase)).toEqual([])
    const bitfinex = await entriesOf('bitfinex:BTC-USD')
    expectWhole(bitfinex)
    for (const entries of [coinbase, bitfinex]) {
      const kinds = entries.map(({ kind }) => kind)
      const ended = kinds.indexOf('run-ended')
      expect(kinds[ended + 1]).toBe('run-started')
      expect(JSON.parse(entries[ended]?.text ?? '')).toEqual({ cause: 'stopped' })
      // The new connection was there before the old one said goodbye: there is no time without.
      // What came before the old run's end bears the time of that in the new run.
      const opened = entries.slice(ended).find(({ kind }) => kind === 'opened')
      expect(opened?.receiveTime).toBe(entries[ended]?.receiveTime)
      expect(opened?.connection).toBeGreaterThan(1)
    }
    const verified = await runCommand('verify', '--store', store())
    expect({ code: verified.code, stdout: verified.stdout }).toMatchObject({ code: 0 })
  })

  it.each([
    ['light', []],
    ['snapshot', ['--interval', '100ms']],
  ])('goes on in mode %s, on two connections', async (mode, words) => {
    await simulate()
    const first = record('--mode', mode, ...words)
    await untilValid(first, 20)
    const second = record('--mode', mode, ...words, '--connections', '2', '--take-over')
    const { code, stderr } = await first.ended
    expect({ code, stderr }).toMatchObject({ code: 0 })
    await untilValid(second, 20)
    expect(second.stderr).toContain('taking over from process')
    for (const status of second.status) expect(status).toMatchObject({ mode, connections: 2 })
    second.kill('SIGINT')
    expect((await second.ended).code).toBe(130)
    for (const stream of ['coinbase:BTC-USD', 'bitfinex:BTC-USD']) {
      const entries = await entriesOf(stream)
      expectWhole(entries)
      const kinds = entries.map(({ kind }) => kind)
      expect(kinds.filter((kind) => kind === 'run-started').length).toBe(2)
      expect(kinds[kinds.indexOf('run-ended') + 1]).toBe('run-started')
      if (mode === 'light' && stream.startsWith('coinbase')) expect(missingNumbers(entries)).toEqual([])
    }
    const verified = await runCommand('verify', '--store', store())
    expect({ code: verified.code, stdout: verified.stdout }).toMatchObject({ code: 0 })
  })

  it('begins at once where there is none', async () => {
    await simulate()
    const only = record('--take-over')
    await untilValid(only)
    only.kill('SIGINT')
    expect((await only.ended).code).toBe(130)
    expectWhole(await entriesOf('coinbase:BTC-USD'))
  })
})

describe('a recorder with two connections', () => {
  it('misses nothing that one of them loses', async () => {
    const lost = [60, 120, 180].map((frame) => ({
      fault: 'lose',
      venue: 'coinbase',
      channel: 'full',
      connection: 1,
      frame,
    }))
    const broken = [40, 90].map((frame) => ({
      fault: 'lose',
      venue: 'bitfinex',
      channel: 'book',
      connection: 1,
      frame,
    }))
    await simulate([...lost, ...broken])
    const recorder = record('--connections', '2')
    await untilValid(recorder)
    await until(
      () => recorder.status.every(({ entries }) => entries > 1500),
      () => JSON.stringify(recorder.status),
    )
    recorder.kill('SIGINT')
    const { code, stderr } = await recorder.ended
    expect({ code, stderr }).toMatchObject({ code: 130 })
    for (const status of recorder.status) expect(status).toMatchObject({ gaps: 0, sealMismatches: 0 })
    const coinbase = await entriesOf('coinbase:BTC-USD')
    expectWhole(coinbase)
    expect(new Set(coinbase.map(({ connection }) => connection))).toEqual(new Set([0, 1, 2]))
    expect(missingNumbers(coinbase)).toEqual([])
    const connections = new Set((await entriesOf('bitfinex:BTC-USD')).map(({ connection }) => connection))
    expect(connections.size).toBeGreaterThan(3)
    expect((await runCommand('verify', '--store', store())).code).toBe(0)
  })
})
