/**
 * The thing that is published: packed, installed in an empty folder by npm, run, imported and type-checked there. Needs
 * a build (`npm run test:package` makes it).
 */
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const root = resolve(import.meta.dirname, '../..')
const folder = mkdtempSync(join(tmpdir(), 'bookreel-package-'))
const home = join(folder, 'home')
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }

interface Finished {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

const run = async (command: string, cwd: string, ...parameters: readonly string[]): Promise<Finished> =>
  await new Promise((done) => {
    execFile(command, parameters, { cwd, maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      const exitCode = error === null ? 0 : typeof error.code === 'number' ? error.code : 1
      done({ exitCode, stdout, stderr })
    })
  })

const bookreel = async (...parameters: readonly string[]): Promise<Finished> =>
  await run(join(home, 'node_modules/.bin/bookreel'), home, ...parameters)

/** Runs a script in the folder where the package is installed. */
const script = async (name: string, lines: readonly string[]): Promise<Finished> => {
  writeFileSync(join(home, name), lines.join('\n'))
  return await run(process.execPath, home, name)
}

describe('the package', () => {
  let files: readonly string[] = []

  beforeAll(async () => {
    mkdirSync(home)
    writeFileSync(join(home, 'package.json'), '{ "private": true, "type": "module" }\n')
    const packed = await run('npm', root, 'pack', '--ignore-scripts', '--json', '--pack-destination', folder)
    expect(packed.exitCode, packed.stderr).toBe(0)
    const [tarball] = JSON.parse(packed.stdout) as [{ filename: string; files: { path: string }[] }]
    files = tarball.files.map(({ path }) => path)
    const path = join(folder, tarball.filename)
    const installed = await run('npm', home, 'install', '--prefer-offline', '--no-audit', '--no-fund', path)
    expect(installed.exitCode, installed.stderr).toBe(0)
  })
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true })
  })

  it('holds what runs and what explains it, nothing else', () => {
    for (const needed of [
      'dist/src/index.js',
      'dist/src/index.d.ts',
      'dist/src/cli/main.js',
      'LICENSE',
      'README.md',
    ])
      expect(files).toContain(needed)
    const expected =
      /^(dist\/(src|simulator)\/[a-z0-9/-]+(\.js|\.d\.ts|\.js\.map)|docs\/[a-z0-9/.-]+\.(md|svg|png|yml|json)|package\.json|README\.md|CHANGELOG\.md|LICENSE)$/
    expect(files.filter((path) => !expected.test(path))).toEqual([])
  })

  it('tells its version and its commands', async () => {
    expect(await bookreel('--version')).toMatchObject({ exitCode: 0, stdout: `${manifest.version}\n` })
    const help = await bookreel('--help')
    expect(help.exitCode).toBe(0)
    for (const command of ['record', 'replay', 'book', 'verify', 'info', 'export', 'import', 'simulate'])
      expect(help.stdout).toMatch(new RegExp(`^  bookreel ${command}\\b`, 'm'))
  })

  it('answers a wrong command with one sentence and exit code 2', async () => {
    const { exitCode, stdout, stderr } = await bookreel('rekord')
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' })
    expect(stderr).toMatch(/^bookreel: .+\n$/)
  })

  it('imports, verifies and replays with its embedded store', async () => {
    const frames = [
      { type: 'snapshot', product_id: 'BTC-USD', bids: [['100.25', '1.5']], asks: [['100.50', '2']] },
      {
        type: 'l2update',
        product_id: 'BTC-USD',
        changes: [['buy', '100.30', '3']],
        time: '2026-01-02T03:04:05.000006Z',
      },
    ]
    const lines = frames.map((frame, index) =>
      JSON.stringify({ t: 1_767_323_045_000_000 + index, conn: 1, dir: 'in', text: JSON.stringify(frame) }),
    )
    writeFileSync(join(home, 'frames.jsonl'), `${lines.join('\n')}\n`)
    const imported = await bookreel('import', 'frames.jsonl', '--stream', 'coinbase:BTC-USD')
    expect(imported.exitCode, imported.stderr).toBe(0)
    const verified = await bookreel('verify', '--json')
    expect(verified.exitCode, verified.stderr).toBe(0)
    expect(JSON.parse(verified.stdout)).toMatchObject({ ok: true, streams: [{ stream: 'coinbase:BTC-USD' }] })
    const replayed = await bookreel('replay', '--json')
    expect(replayed.exitCode, replayed.stderr).toBe(0)
    const digest: unknown = expect.stringMatching(/^[0-9a-f]{64}$/)
    expect(JSON.parse(replayed.stdout)).toMatchObject({ streams: [{ stream: 'coinbase:BTC-USD', digest }] })
  })

  it('can be imported by name, and only by its name', async () => {
    const used = await script('use.mjs', [
      "import { decimalText, scaleDecimal } from 'bookreel'",
      "console.log(decimalText(scaleDecimal('0.0123', 8), 8))",
    ])
    expect(used).toMatchObject({ exitCode: 0, stdout: '0.0123\n' })
    const deep = await script('deep.mjs', ["await import('bookreel/dist/src/cli/main.js')"])
    expect(deep.exitCode).toBe(1)
    expect(deep.stderr).toContain('ERR_PACKAGE_PATH_NOT_EXPORTED')
  })

  it('brings types that mean something', async () => {
    const source = [
      "import { decimalText } from 'bookreel'",
      'export const text: string = decimalText(1, 2)',
      '// @ts-expect-error it is a string',
      'export const units: number = decimalText(1, 2)',
    ]
    writeFileSync(join(home, 'use.ts'), source.join('\n'))
    const tsc = join(root, 'node_modules/typescript/bin/tsc')
    const options = ['--noEmit', '--strict', '--target', 'es2023', '--module', 'nodenext', '--skipLibCheck']
    const checked = await run(process.execPath, home, tsc, ...options, 'use.ts')
    expect(checked.stdout).toBe('')
    expect(checked.exitCode).toBe(0)
  })
})
