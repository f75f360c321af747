import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { type FrameServer, startFrameServer } from '../support/frame-server.ts'
import { CommandProcess, runCommand, until } from '../support/recorder-process.ts'

/** A user who may do nothing. */
const NOBODY = 65_534

let folder = ''
let server: FrameServer
const running: CommandProcess[] = []

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'bookreel-adversity-'))
  chmodSync(folder, 0o755)
  server = await startFrameServer()
})

afterEach(async () => {
  for (const command of running.splice(0)) {
    command.killGroup('SIGKILL')
    await command.ended
  }
  await server.close()
  rmSync(folder, { recursive: true, force: true })
})

const start = (words: readonly string[], uid?: number): CommandProcess => {
  const command = new CommandProcess(
    words,
    { XDG_RUNTIME_DIR: folder, BOOKREEL_STORE: `file:${folder}/store` },
    uid,
  )
  running.push(command)
  return command
}

const fromServer = (): readonly string[] => [
  ...['record', 'BTC-USD', '--venue', 'bitfinex', '--json'],
  ...['--endpoint', `bitfinex.ws=${server.url}`, '--endpoint', `bitfinex.rest=${server.rest}`],
]

const oneSentence = (stderr: string): string => {
  const sentences = stderr.split('\n').filter((line) => line.startsWith('bookreel: '))
  expect(sentences.length).toBe(1)
  expect(stderr).not.toMatch(/^ +at /m)
  return sentences[0] ?? ''
}

const change = (...words: readonly string[]): void => {
  expect(spawnSync(words[0] ?? '', words.slice(1)).status).toBe(0)
}

describe('a recorder whose folder is closed to it', () => {
  it.runIf(existsSync('/sys/kernel'))('says so in one sentence where nobody can write', async () => {
    const { code, stderr } = await start([...fromServer(), '--store', 'file:/sys/kernel/bookreel']).ended
    expect(code).toBe(1)
    expect(oneSentence(stderr)).toMatch(/permission to use \/sys\/kernel\/bookreel/)
    expect(server.connections()).toBe(0)
  })

  it.runIf(process.getuid?.() === 0)(
    'keeps what it has open, says so at the next start, and then goes on',
    async () => {
      change('chown', String(NOBODY), folder)
      const first = start(fromServer(), NOBODY)
      await first.untilStatus(({ valid }) => valid)
      change('chown', '-R', 'root', folder)
      change('chmod', '-R', 'go-rwx', folder)
      for (let order = 0; order < 100; order++) await server.sendOrder()
      await first.untilStatus(({ entries }) => entries > 100)
      first.kill('SIGINT')
      const ended = await first.ended
      expect([0, 1, 130]).toContain(ended.code)
      const second = await start(fromServer(), NOBODY).ended
      expect(second.code).toBe(1)
      expect(oneSentence(second.stderr)).toMatch(/permission/)
      change('chown', '-R', String(NOBODY), folder)
      const third = start(fromServer(), NOBODY)
      await third.untilStatus(({ valid }) => valid)
      third.kill('SIGINT')
      expect((await third.ended).code).toBe(130)
      const { stdout } = await runCommand(
        'export',
        'frames',
        'bitfinex:BTC-USD',
        '--store',
        `file:${folder}/store`,
      )
      const frames = stdout.split('\n').filter((line) => line.includes('"kind":"frame"'))
      expect(frames.length).toBe(server.sent.length)
    },
  )
})

describe('a recorder whose network has a hole', () => {
  it('says in one sentence that a name has no address', async () => {
    const words = [
      '--endpoint',
      'bitfinex.ws=ws://venue.invalid',
      '--endpoint',
      'bitfinex.rest=http://venue.invalid',
    ]
    const { code, stderr } = await start([...fromServer(), ...words]).ended
    expect(code).toBe(1)
    expect(oneSentence(stderr)).toMatch(
      /Cannot connect to Bitfinex at ws:\/\/venue\.invalid.*(ENOTFOUND|EAI_AGAIN)/,
    )
  })

  it('records on while REST is down, with a book that says why it is not valid', async () => {
    const venue = start(['simulate', '--json', '--venue', 'coinbase', '--rate', '100', '--no-limits'])
    await until(
      () => venue.stdout.includes('\n'),
      () => venue.stderr,
    )
    interface Listening {
      readonly venues: { readonly coinbase: { readonly ws: string } }
      readonly credentials: Readonly<Record<'key' | 'secret' | 'passphrase', string>>
    }
    const { venues, credentials } = JSON.parse(venue.stdout.split('\n')[0] ?? '') as Listening
    const words = ['record', 'BTC-USD', '--venue', 'coinbase', '--json', '--store', `file:${folder}/store`]
    const endpoints = [`coinbase.ws=${venues.coinbase.ws}`, 'coinbase.rest=http://127.0.0.1:1']
    const recorder = new CommandProcess([...words, ...endpoints.flatMap((one) => ['--endpoint', one])], {
      COINBASE_API_KEY: credentials.key,
      COINBASE_API_SECRET: credentials.secret,
      COINBASE_API_PASSPHRASE: credentials.passphrase,
    })
    running.push(recorder)
    await recorder.untilStatus(({ entries, state }) => entries > 200 && state === 'live')
    const [first] = recorder.status
    expect(first).toMatchObject({ state: 'live', valid: false, reason: 'no-snapshot', disconnects: 0 })
    expect(recorder.stderr).toMatch(/Coinbase did not answer http:\/\/127\.0\.0\.1:1\/.*as hoped/)
    recorder.kill('SIGINT')
    expect((await recorder.ended).code).toBe(130)
    expect((await runCommand('verify', '--store', `file:${folder}/store`)).code).toBe(0)
  })
})
