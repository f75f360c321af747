import { spawnSync } from 'node:child_process'
import {
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  renameSync,
  rmSync,
  statfsSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { CommandProcess, runCommand, type StreamLine, until } from '../support/recorder-process.ts'

interface Listening {
  readonly venues: { readonly bitfinex: { readonly ws: string; readonly rest: string } }
}

interface StoredStream {
  readonly stream: string
  readonly runs: number
  readonly gaps: readonly unknown[]
  readonly disconnects: readonly unknown[]
}

let folder = ''
let config = ''
let venues: CommandProcess
let recorder: CommandProcess | undefined
let endpoint: readonly string[] = []

beforeEach(async () => {
  folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'bookreel-reload-'))
  config = join(folder, 'recorder.json')
  venues = new CommandProcess([
    ...['simulate', '--json', '--venue', 'bitfinex', '--rate', '40', '--no-limits'],
    ...['BTC-USD', 'ETH-USD', 'LTC-USD'].flatMap((pair) => ['--pair', pair]),
  ])
  await until(
    () => venues.stdout.includes('\n'),
    () => venues.stderr,
  )
  const { bitfinex } = (JSON.parse(venues.stdout.split('\n')[0] ?? '') as Listening).venues
  endpoint = [`bitfinex.ws=${bitfinex.ws}`, `bitfinex.rest=${bitfinex.rest}`]
})

afterEach(async () => {
  recorder?.killGroup('SIGKILL')
  venues.killGroup('SIGKILL')
  await recorder?.ended
  await venues.ended
  recorder = undefined
  rmSync(folder, { recursive: true, force: true })
})

/** As an editor does: the file is another one at once. */
const write = (settings: object): void => {
  const store = `file:${join(folder, 'store')}`
  writeFileSync(
    `${config}.new`,
    JSON.stringify({ store, venue: ['bitfinex'], endpoint, json: true, ...settings }),
  )
  renameSync(`${config}.new`, config)
}

const start = (...more: readonly string[]): CommandProcess => {
  recorder = new CommandProcess(['record', '--config', config, ...more], { XDG_RUNTIME_DIR: folder })
  return recorder
}

const streamOf = (running: CommandProcess, pair: string): StreamLine | undefined =>
  running.status.find(({ stream }) => stream === `bitfinex:${pair}`)

const untilStreams = async (
  running: CommandProcess,
  condition: (lines: readonly StreamLine[]) => boolean,
) => {
  await until(
    () => condition(running.status),
    () => `${running.stdout.split('\n').slice(-3).join('\n')}\n${running.stderr}`,
  )
}

const areLive =
  (...pairs: readonly string[]) =>
  (lines: readonly StreamLine[]): boolean =>
    lines.length === pairs.length &&
    pairs.every((pair) =>
      lines.some(({ stream, valid, entries }) => stream === `bitfinex:${pair}` && valid && entries > 20),
    )

const runsOf = async (pair: string): Promise<number> => {
  const { stdout } = await runCommand('info', '--json', '--store', `file:${join(folder, 'store')}`)
  const { streams } = JSON.parse(stdout) as { streams: { stream: string; runs: number }[] }
  return streams.find(({ stream }) => stream === `bitfinex:${pair}`)?.runs ?? 0
}

const untilSaid = async (running: CommandProcess, sentence: RegExp): Promise<void> => {
  await until(
    () => sentence.test(running.stderr),
    () => running.stderr,
  )
}

describe('the settings of a recorder at work', () => {
  it('change when their file does: pairs come, go and change, and the others notice nothing', async () => {
    write({ pairs: ['BTC-USD', 'ETH-USD'] })
    const running = start()
    await untilStreams(running, areLive('BTC-USD', 'ETH-USD'))
    const [first] = running.children()
    write({ pairs: ['BTC-USD', 'LTC-USD'] })
    await untilStreams(running, areLive('BTC-USD', 'LTC-USD'))
    expect(running.stderr).toMatch(/Settings read again: added LTC-USD; removed ETH-USD\./)
    write({ pairs: ['BTC-USD', { pair: 'LTC-USD', feed: ['bitfinex=P0'] }] })
    await untilSaid(running, /Settings read again: changed LTC-USD\./)
    await until(
      () => (streamOf(running, 'LTC-USD')?.entries ?? 100) < 20,
      () => 'the pair begins anew',
    )
    await untilStreams(running, areLive('BTC-USD', 'LTC-USD'))
    expect(running.children()).toContain(first)
    running.kill('SIGTERM')
    expect((await running.ended).code).toBe(143)
    expect([await runsOf('BTC-USD'), await runsOf('ETH-USD'), await runsOf('LTC-USD')]).toEqual([1, 1, 2])
    expect((await runCommand('verify', '--store', `file:${join(folder, 'store')}`)).code).toBe(0)
  })

  it('change in mode light too, in the process that goes on, and the pair that stays has no gap', async () => {
    const light = (...pairs: readonly string[]): void => {
      write({ mode: 'light', pairs })
    }
    light('BTC-USD', 'ETH-USD')
    const running = start()
    await untilStreams(running, areLive('BTC-USD', 'ETH-USD'))
    const children = running.children()
    light('BTC-USD', 'LTC-USD')
    await untilStreams(running, areLive('BTC-USD', 'LTC-USD'))
    expect(running.stderr).toMatch(/Settings read again: added LTC-USD; removed ETH-USD\./)
    light('BTC-USD', 'ETH-USD', 'LTC-USD')
    running.kill('SIGHUP')
    await untilStreams(running, areLive('BTC-USD', 'ETH-USD', 'LTC-USD'))
    expect(running.children()).toEqual(children)
    running.kill('SIGTERM')
    expect(await running.ended).toMatchObject({ code: 143 })
    const { stdout } = await runCommand('info', '--json', '--store', `file:${join(folder, 'store')}`)
    const { streams } = JSON.parse(stdout) as { readonly streams: readonly StoredStream[] }
    expect(
      streams.map(({ stream, runs, gaps, disconnects }) => [stream, runs, gaps.length, disconnects.length]),
    ).toEqual([
      ['bitfinex:BTC-USD', 1, 0, 0],
      ['bitfinex:ETH-USD', 2, 0, 0],
      ['bitfinex:LTC-USD', 1, 0, 0],
    ])
    expect((await runCommand('verify', '--store', `file:${join(folder, 'store')}`)).code).toBe(0)
    const { stdout: exported } = await runCommand('export', 'frames', 'bitfinex:ETH-USD', '--store', `file:${join(folder, 'store')}`) // prettier-ignore
    const ends = exported.split('\n').filter((line) => line.includes('"kind":"run-ended"'))
    expect(ends.map((line) => line.includes('stopped'))).toEqual([true, true])
  })

  it('stay as they are when the new ones are wrong, or would need a restart; SIGHUP asks at once', async () => {
    write({ pairs: ['BTC-USD'] })
    const running = start()
    await untilStreams(running, areLive('BTC-USD'))
    writeFileSync(config, '{"pairs": ["BTC-USD", "nonsense"], "venue": ["bitfinex"]}')
    await untilSaid(
      running,
      /refused and the old ones go on: The file .* is wrong: pairs\[1\] must be a pair like BTC-USD/,
    )
    write({ pairs: ['BTC-USD', 'ETH-USD'], store: `file:${join(folder, 'other')}` })
    running.kill('SIGHUP')
    await untilSaid(running, /go on: store can only change with a restart\./)
    write({ pairs: ['BTC-USD', { pair: 'ETH-USD', feed: ['bitfinex=R9'] }] })
    running.kill('SIGHUP')
    await untilSaid(running, /go on: .*no feed R9/)
    write({ pairs: ['BTC-USD'] })
    running.kill('SIGHUP')
    await untilSaid(running, /Settings read again: nothing is recorded otherwise/)
    const before = streamOf(running, 'BTC-USD')?.entries ?? 0
    await untilStreams(running, (lines) => (lines[0]?.entries ?? 0) > before && lines.length === 1)
    running.kill('SIGINT')
    expect((await running.ended).code).toBe(130)
    expect(await runsOf('BTC-USD')).toBe(1)
  })

  it.each(['full', 'light'])('try a pair again that was given up, at SIGHUP, in mode %s', async (mode) => {
    write({ mode, pairs: ['BTC-USD', 'ETH-USD'] })
    const holder = new CommandProcess([
      ...['record', 'ETH-USD', '--venue', 'bitfinex', '--json', '--store', `file:${join(folder, 'store')}`],
      ...endpoint.flatMap((one) => ['--endpoint', one]),
    ])
    await untilStreams(holder, areLive('ETH-USD'))
    const running = start()
    await untilSaid(running, /ETH-USD/)
    await untilStreams(running, (lines) =>
      lines.some(({ stream, valid }) => stream === 'bitfinex:BTC-USD' && valid),
    )
    holder.kill('SIGINT')
    await holder.ended
    await until(
      () => running.children().length === 1 && streamOf(running, 'ETH-USD')?.state === 'failed',
      () => 'the pair that is taken is given up',
    )
    const entries = streamOf(running, 'BTC-USD')?.entries ?? 0
    running.kill('SIGHUP')
    await untilSaid(running, /Settings read again: resumed ETH-USD\./)
    await untilStreams(running, areLive('BTC-USD', 'ETH-USD'))
    expect(streamOf(running, 'BTC-USD')?.entries).toBeGreaterThan(entries)
    running.kill('SIGINT')
    expect(await running.ended).toMatchObject({ code: 130 })
    expect(await runsOf('BTC-USD')).toBe(1)
  })
})

describe('a disk that fills', () => {
  it('is not recorded onto: exit code 4, before anything is asked for', async () => {
    write({ pairs: ['BTC-USD'], 'min-free': '5000TB' })
    const running = start()
    const { code, stderr } = await running.ended
    expect(code).toBe(4)
    expect(stderr).toMatch(/^bookreel: .* less than --min-free 5000000\.0 GB: recording ended/m)
    expect(running.status[0]?.entries).toBe(0)
  })

  it.runIf(existsSync('/dev/shm'))(
    'pauses a recording until there is room, and ends it cleanly meanwhile',
    async () => {
      const free = (): number => {
        const { bavail, bsize } = statfsSync(folder)
        return bavail * bsize
      }
      const megabytes = Math.floor(free() / 1e6)
      const least = `${String(megabytes - 150)}MB`
      write({ pairs: ['BTC-USD'], 'min-free': least, 'resume-at': `${String(megabytes - 100)}MB` })
      const running = start()
      await untilStreams(running, areLive('BTC-USD'))
      const filler = join(folder, 'filler')
      closeSync(openSync(filler, 'w'))
      expect(spawnSync('fallocate', ['-l', '300MB', filler]).status).toBe(0)
      await untilSaid(running, /less than --min-free .*: recording is paused/)
      await untilStreams(running, (lines) => lines[0]?.state === 'stopped')
      const asked = await new CommandProcess(['status'], { XDG_RUNTIME_DIR: folder }).ended
      expect(asked.code).toBe(1)
      expect(asked.stdout).toMatch(/recording is paused, and goes on at/)
      running.kill('SIGHUP')
      await untilSaid(running, /Recording stays paused/)
      rmSync(filler)
      await untilSaid(running, /Recording goes on/)
      await untilStreams(running, areLive('BTC-USD'))
      running.kill('SIGINT')
      expect(await running.ended).toMatchObject({ code: 130 })
      expect(await runsOf('BTC-USD')).toBe(2)
      expect((await runCommand('verify', '--store', `file:${join(folder, 'store')}`)).code).toBe(0)
    },
  )
})
