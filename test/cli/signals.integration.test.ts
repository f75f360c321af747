import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { builtFile } from '../support/built.ts'
import { CommandProcess, runCommand, until } from '../support/recorder-process.ts'

let folder = ''
let store = ''

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'bookreel-signals-'))
  store = `file:${join(folder, 'store')}`
  const capture = join(folder, 'capture.jsonl')
  // An hour between two frames: a replay at recorded pace waits for the second.
  const lines = [1, 3_600_000_001].map((t) => ({ t, conn: 1, dir: 'in', text: '{"type":"heartbeat"}' }))
  writeFileSync(capture, lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
  const { code } = await runCommand('import', capture, '--stream', 'coinbase:BTC-USD', '--store', store)
  expect(code).toBe(0)
})

afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

describe('a signal', () => {
  it.each([
    ['SIGINT', 130, '--follow'],
    ['SIGTERM', 143, '--speed=1'],
  ] as const)(
    '%s (%i) ends a replay with %s and its summary, also when it comes twice at once',
    async (signal, expected, option) => {
      const replay = new CommandProcess(['replay', '--store', store, option, '--every', '10m', '--json'])
      await until(
        () => replay.stdout.includes('\n'),
        () => `rows are printed; ${replay.stderr}`,
      )
      replay.killGroup(signal)
      replay.kill(signal)
      const { code, stdout, stderr } = await replay.ended
      expect({ code, stderr }).toEqual({ code: expected, stderr: '' })
      expect(JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '')).toMatchObject({
        streams: [{ stream: 'coinbase:BTC-USD' }],
      })
    },
  )

  it('ends a replay that follows a stream of which nothing is stored yet', async () => {
    const words = ['replay', 'coinbase:ETH-USD', '--store', store, '--json']
    expect((await runCommand(...words)).stderr).toMatch(
      /^bookreel: The store has no stream coinbase:ETH-USD[^\n]*\n$/,
    )
    const replay = new CommandProcess([...words, '--follow'])
    const capture = join(folder, 'capture.jsonl')
    const { code } = await runCommand('import', capture, '--stream', 'coinbase:ETH-USD', '--store', store)
    expect(code).toBe(0)
    replay.kill('SIGINT')
    const { code: ended, stderr } = await replay.ended
    expect(ended).toBe(130)
    // Nothing where the import was faster.
    expect(stderr).toMatch(/^(Waiting for the first chunk: [^\n]*\n)?$/)
  })

  it('leaves nothing of a file that was being written', async () => {
    const out = join(folder, 'frames.jsonl')
    const modules = ['src/cli/printing/text-output.ts', 'src/cli/signals.ts'].map(
      (source) => pathToFileURL(builtFile(source)).href,
    )
    const script = `
      const [{ openOutput }, { endOnSignals }] = await Promise.all(${JSON.stringify(modules)}.map((url) => import(url)))
      endOnSignals()
      const output = await openOutput(${JSON.stringify(out)}, false)
      await output.write('half a line')
      console.log('written')
      setInterval(() => undefined, 1000)`
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await once(child.stdout, 'data')
    expect(existsSync(`${out}.partial`)).toBe(true)
    child.kill('SIGTERM')
    expect(await once(child, 'close')).toEqual([143, null])
    expect(existsSync(out) || existsSync(`${out}.partial`)).toBe(false)
  })
})

describe('export to a file', () => {
  const words = (out: string, ...more: string[]): string[] => [
    'export',
    'frames',
    'coinbase:BTC-USD',
    '--store',
    store,
    '--out',
    out,
    ...more,
  ]

  it('writes it whole under its name, and replaces it only when told to', async () => {
    const out = join(folder, 'whole.jsonl')
    expect((await runCommand(...words(out))).stderr).toMatch(
      /^5 entries of coinbase:BTC-USD written to [^\n]*\n$/,
    )
    expect(existsSync(`${out}.partial`)).toBe(false)
    expect((await runCommand(...words(out))).code).toBe(1)
    expect((await runCommand(...words(out, '--overwrite'))).code).toBe(0)
  })

  it('writes straight into a device, which stays one', async () => {
    expect((await runCommand(...words('/dev/null', '--overwrite'))).code).toBe(0)
    expect(existsSync('/dev/null.partial')).toBe(false)
  })
})
