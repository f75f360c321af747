import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { type FrameServer, startFrameServer } from '../support/frame-server.ts'
import { CommandProcess, isRunning, runCommand, until } from '../support/recorder-process.ts'

interface ExportedEntry {
  readonly seq: number
  readonly kind: string
  readonly receiveTime: number
  readonly connection: number
  readonly text?: string
  readonly bytes?: string
}

let folder: string
let store: string
let server: FrameServer | undefined
let recorder: CommandProcess | undefined

const record = (...words: string[]): CommandProcess => {
  if (server === undefined) throw new Error('no server runs')
  const endpoints = ['--endpoint', `bitfinex.ws=${server.url}`, '--endpoint', `bitfinex.rest=${server.rest}`]
  recorder = new CommandProcess([
    'record',
    'BTC-USD',
    '--venue',
    'bitfinex',
    '--store',
    store,
    '--json',
    ...endpoints,
    ...words,
  ])
  return recorder
}

const untilClient = async (target: FrameServer, count = 1): Promise<void> => {
  await until(
    () => target.clients.length >= count,
    () => `client ${String(count)} subscribes; ${recorder?.stderr ?? ''}`,
  )
}

const exported = async (): Promise<readonly ExportedEntry[]> => {
  const { code, stdout, stderr } = await runCommand('export', 'frames', 'bitfinex:BTC-USD', '--store', store)
  expect({ code, stderr }).toMatchObject({ code: 0 })
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as ExportedEntry)
}

const bytesOf = ({ text, bytes }: ExportedEntry): Buffer =>
  bytes === undefined ? Buffer.from(text ?? '') : Buffer.from(bytes, 'base64')

/** Seqs without holes, times that never go back, and as many frames as were sent, byte for byte. */
const expectAllSent = (entries: readonly ExportedEntry[], sent: readonly Buffer[]): void => {
  expect(entries.map(({ seq }) => seq)).toEqual(entries.map((_entry, index) => index + 1))
  entries.forEach(({ receiveTime }, index) => {
    expect(receiveTime).toBeGreaterThanOrEqual(entries[index - 1]?.receiveTime ?? 0)
  })
  const frames = entries.filter(({ kind }) => kind === 'frame')
  expect(frames.length).toBe(sent.length)
  frames.forEach((frame, index) => {
    expect(bytesOf(frame).equals(sent[index] ?? Buffer.alloc(0))).toBe(true)
  })
}

/** A capture of one frame, later than any recording. */
const capture = (): string => {
  const file = join(folder, 'capture.jsonl')
  const line = { t: 4_000_000_000_000_000, conn: 1, dir: 'in', text: '{"event":"info","version":2}' }
  writeFileSync(file, `${JSON.stringify(line)}\n`)
  return file
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bookreel-record-'))
  store = `file:${join(folder, 'store')}`
})

afterEach(async () => {
  recorder?.killGroup('SIGKILL')
  await recorder?.ended
  await server?.close()
  recorder = server = undefined
  rmSync(folder, { recursive: true, force: true })
})

describe('record', () => {
  it('keeps every frame byte for byte: binary, no UTF-8, no JSON, of 20 MB', async () => {
    const target = (server = await startFrameServer())
    const running = record()
    await untilClient(target)
    const odd = [
      'not json',
      '{"event":"__proto__","__proto__":{"polluted":true}}',
      '[1,"text where numbers belong",3]',
      '',
      JSON.stringify({ event: 'later', text: 'é€😀 ' }),
    ]
    for (const frame of odd) target.send(frame)
    target.send(Buffer.from([0, 1, 2, 0xff, 0xfe]), true)
    target.send(Buffer.from([0x7b, 0xc3, 0x28, 0xff]), false)
    target.send(`["${'x'.repeat(20 * 1024 * 1024)}"]`)
    for (let order = 0; order < 100; order++) await target.sendOrder()
    running.kill('SIGINT')
    const { code, stderr } = await running.ended
    expect({ code, stderr }).toMatchObject({ code: 130 })
    expectAllSent(await exported(), target.sent)
    expect(running.status[0]).toMatchObject({ state: 'stopped', sealMismatches: 0, spooledChunks: 0 })
    expect(running.status[0]?.undecoded).toBeGreaterThanOrEqual(5)
    expect((await runCommand('verify', '--store', store)).code).not.toBe(1)
  })

  it('stops in the middle of the flow and loses nothing that was sent before, whoever gets the signal', async () => {
    const target = (server = await startFrameServer())
    for (const [signal, receiver, expected] of [
      ['SIGINT', 'main', 130],
      ['SIGTERM', 'group', 143],
      // A terminal tells the group, and npx passes it on besides: one wish, not two.
      ['SIGINT', 'both', 130],
    ] as const) {
      const clients = target.clients.length
      const running = record()
      await untilClient(target, clients + 1)
      for (let order = 0; order < 3000; order++) void target.sendOrder()
      if (receiver !== 'main') running.killGroup(signal)
      if (receiver !== 'group') running.kill(signal)
      const { code } = await running.ended
      expect(code).toBe(expected)
      expect(running.status[0]).toMatchObject({ gaps: 0, sealMismatches: 0 })
      expect(running.status[0]?.digest).toMatch(/^[0-9a-f]{64}$/)
    }
    expectAllSent(await exported(), target.sent)
    const verified = await runCommand('verify', '--store', store)
    expect(verified).toMatchObject({ code: 0 })
  })

  it('connects again when the venue closes, and goes on with the next entry', async () => {
    const target = (server = await startFrameServer())
    const running = record()
    await untilClient(target)
    await target.sendOrder()
    target.clients[0]?.close(1012, 'restarting')
    await untilClient(target, 2)
    await target.sendOrder()
    await running.untilStatus(({ valid, disconnects }) => valid && disconnects > 0)
    running.kill('SIGINT')
    expect((await running.ended).code).toBe(130)
    const entries = await exported()
    expectAllSent(entries, target.sent)
    const closings = entries.filter(({ kind }) => kind === 'closed').map(({ text }) => text)
    expect(closings[0]).toBe('{"cause":"remote","code":1012,"reason":"restarting"}')
    expect(entries.filter(({ kind }) => kind === 'opened').map(({ connection }) => connection)).toEqual([
      1, 2,
    ])
    expect(running.status[0]?.gaps).toBe(0)
  })

  it('loses at most what had not reached the journal when everything is killed, and goes on', async () => {
    const target = (server = await startFrameServer())
    const running = record()
    await untilClient(target)
    for (let order = 0; order < 500; order++) await target.sendOrder()
    const sentBefore = target.sent.length
    await running.untilStatus(({ lastSeq }) => lastSeq > sentBefore)
    const { lastSeq } = running.status[0] ?? { lastSeq: 0 }
    running.killGroup('SIGKILL')
    await running.ended
    const second = record()
    await untilClient(target, 2)
    await second.untilStatus(({ valid }) => valid)
    second.kill('SIGINT')
    expect((await second.ended).code).toBe(130)
    const entries = await exported()
    expectAllSent(entries, target.sent)
    const ends = entries.filter(({ kind }) => kind === 'run-ended')
    expect(ends.map(({ text }) => text)).toEqual(['{"cause":"crash"}', '{"cause":"stopped"}'])
    expect(ends[0]?.seq).toBeGreaterThan(lastSeq)
    expect((await runCommand('verify', '--store', store)).code).toBe(0)
  })

  it('stops cleanly by itself when its supervisor is gone', async () => {
    const target = (server = await startFrameServer())
    const running = record()
    await untilClient(target)
    await target.sendOrder()
    const orphans = running.children()
    expect(orphans.length).toBe(1)
    running.kill('SIGKILL')
    await running.ended
    await until(
      () => target.clients[0]?.readyState === 3,
      () => 'the orphan closes its connection',
    )
    await until(
      () => !orphans.some(isRunning),
      () => 'the orphan ends',
    )
    const second = record()
    await untilClient(target, 2)
    second.kill('SIGINT')
    await second.ended
    const entries = await exported()
    expectAllSent(entries, target.sent)
    expect(entries.filter(({ kind }) => kind === 'run-ended').map(({ text }) => text)).toEqual([
      '{"cause":"stopped"}',
      '{"cause":"stopped"}',
    ])
  })

  it('starts a process that died again, with what it had journaled', async () => {
    const target = (server = await startFrameServer())
    const running = record()
    await untilClient(target)
    for (let order = 0; order < 100; order++) await target.sendOrder()
    await running.untilStatus(({ lastSeq }) => lastSeq > 100)
    for (const child of running.children()) process.kill(child, 'SIGKILL')
    await untilClient(target, 2)
    await target.sendOrder()
    await running.untilStatus(({ valid, lastSeq }) => valid && lastSeq > 100)
    running.kill('SIGINT')
    expect((await running.ended).code).toBe(130)
    expectAllSent(await exported(), target.sent)
    expect(running.stderr).toMatch(/died \(signal SIGKILL\); it starts again/)
    expect((await runCommand('verify', '--store', store)).code).toBe(0)
  })

  it('refuses a stream that is being recorded already, and goes on recording it', async () => {
    const target = (server = await startFrameServer())
    const running = record()
    await untilClient(target)
    await running.untilStatus(({ valid }) => valid)
    const words = [
      'record',
      'BTC-USD',
      '--venue',
      'bitfinex',
      '--store',
      store,
      '--endpoint',
      `bitfinex.ws=${target.url}`,
    ]
    const second = await runCommand(...words)
    expect(second.code).toBe(1)
    // The one to stop: it would start a process of its pairs again.
    expect(second.stderr).toMatch(
      new RegExp(`bitfinex:BTC-USD is being recorded .* by process ${String(running.pid)} already`),
    )
    const imported = await runCommand('import', capture(), '--stream', 'bitfinex:BTC-USD', '--store', store)
    expect(imported.code).toBe(1)
    expect(imported.stderr).toMatch(/^bookreel: Stream bitfinex:BTC-USD is being recorded[^\n]*\n$/)
    running.kill('SIGINT')
    expect((await running.ended).code).toBe(130)
    expectAllSent(await exported(), target.sent)
  })

  it('lets nothing be imported in the place of entries that only the journal has', async () => {
    const target = (server = await startFrameServer())
    const running = record()
    await untilClient(target)
    await running.untilStatus(({ lastSeq }) => lastSeq > 3)
    running.killGroup('SIGKILL')
    await running.ended
    const words = ['import', capture(), '--stream', 'bitfinex:BTC-USD', '--store', store]
    const refused = await runCommand(...words)
    expect(refused.code).toBe(1)
    expect(refused.stderr).toMatch(/^bookreel: The journal holds entries of bitfinex:BTC-USD[^\n]*\n$/)
    const second = record()
    await untilClient(target, 2)
    second.kill('SIGINT')
    expect((await second.ended).code).toBe(130)
    expectAllSent(await exported(), target.sent)
    expect((await runCommand(...words)).code).toBe(0)
  })

  it('says in one sentence that the journal goes on behind the end of a store', async () => {
    const target = (server = await startFrameServer())
    for (let run = 1; run <= 2; run++) {
      const running = record()
      await untilClient(target, run)
      running.kill('SIGINT')
      expect((await running.ended).code).toBe(130)
    }
    for (const name of ['store.mdb', 'store.mdb-lock']) rmSync(join(folder, 'store', name))
    const { code, stderr } = await record().ended
    expect(code).toBe(1)
    expect(stderr).toMatch(
      /bookreel: BTC-USD: The journal goes on at entry \d+, but the store holds none of it/,
    )
    expect(stderr).not.toMatch(/died|^\s+at /m)
  })

  it('ends with 0 after --for, and with 1 when nothing came', async () => {
    server = await startFrameServer()
    const running = record('--for', '5s')
    expect((await running.ended).code).toBe(0)
    expect(running.status[0]?.state).toBe('stopped')
    const silent = record('--for', '1s', '--endpoint', 'bitfinex.ws=ws://127.0.0.1:1')
    const { code, stderr } = await silent.ended
    expect(code).toBe(1)
    expect(stderr).toMatch(/^bookreel: (Nothing was recorded|Cannot connect)[^\n]*\n/m)
  })
})

describe('record of a venue that does not deliver', () => {
  const coinbase = (target: FrameServer, environment: Record<string, string> = {}): CommandProcess => {
    const endpoints = [
      '--endpoint',
      `coinbase.ws=${target.url}`,
      '--endpoint',
      `coinbase.rest=${target.rest}`,
    ]
    const words = ['record', 'BTC-USD', '--venue', 'coinbase', '--store', store, '--json', ...endpoints]
    recorder = new CommandProcess(words, environment)
    return recorder
  }

  it('gives a silent connection up and opens another', async () => {
    const target = (server = await startFrameServer())
    const running = coinbase(target)
    await until(
      () => target.connections() >= 2,
      () => `a second connection; ${running.stderr}`,
    )
    running.kill('SIGINT')
    expect((await running.ended).code).toBe(130)
    const { stdout } = await runCommand('export', 'frames', 'coinbase:BTC-USD', '--store', store)
    const kinds = stdout.split('\n').filter((line) => /"kind":"(timer|closed)"/.test(line))
    expect(kinds[0]).toMatch(/silence/)
    expect(kinds[1]).toMatch(/\{\\"cause\\":\\"silence\\"/)
  })

  it('ends with the venue’s text when it refuses the credentials, and keeps them secret', async () => {
    const credentials = {
      COINBASE_API_KEY: 'key-of-a-test',
      COINBASE_API_SECRET: 'c2VjcmV0LW9mLWEtdGVzdA==',
      COINBASE_API_PASSPHRASE: 'passphrase-of-a-test',
    }
    const refusal = { type: 'error', message: 'Failed to subscribe', reason: 'Invalid key key-of-a-test' }
    server = await startFrameServer(() => JSON.stringify(refusal))
    const { code, stderr, stdout } = await coinbase(server, credentials).ended
    expect(code).toBe(1)
    expect(stderr).toMatch(/bookreel: Coinbase refuses to deliver BTC-USD: .*Invalid key \*\*\*/)
    const sent = await runCommand('export', 'frames', 'coinbase:BTC-USD', '--store', store)
    expect(sent.stdout).toMatch(/"kind":"sent"/)
    const told = `${stderr}${stdout}${sent.stdout.replaceAll(JSON.stringify(JSON.stringify(refusal)), '')}`
    for (const secret of Object.values(credentials)) expect(told).not.toContain(secret)
  })
})

describe('record that cannot start', () => {
  it('ends with one sentence when every connection is refused', async () => {
    const gone = await startFrameServer()
    await gone.close()
    const words = ['record', 'BTC-USD', '--venue', 'bitfinex', '--store', store]
    const { code, stderr } = await runCommand(
      ...words,
      '--endpoint',
      `bitfinex.ws=${gone.url}`,
      '--endpoint',
      `bitfinex.rest=${gone.rest}`,
    )
    expect(code).toBe(1)
    const sentences = stderr.split('\n').filter((line) => line.startsWith('bookreel: '))
    expect(sentences.length).toBe(1)
    expect(sentences[0]).toMatch(/Cannot connect to Bitfinex at ws:.*ECONNREFUSED/)
  })

  it('ends with the text of the venue when it refuses the symbol', async () => {
    server = await startFrameServer((request) =>
      JSON.stringify({ ...request, event: 'error', msg: 'symbol: invalid', code: 10300 }),
    )
    const { code, stderr } = await record().ended
    expect(code).toBe(1)
    expect(stderr).toMatch(/bookreel: Bitfinex refuses to deliver BTC-USD: .*symbol: invalid/)
  })
})
