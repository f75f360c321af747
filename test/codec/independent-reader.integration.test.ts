/**
 * docs/storage-format.md is enough to read an archive: a reader written from that page alone, in Python, gives the same
 * records as ours. It needs `python3` with pip, which fetches its one decompressor once.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, describe, expect, it } from 'vitest'

import { encodeChunk } from '../../src/codec/chunk-columns.ts'
import { encodeHeader } from '../../src/codec/documents.ts'
import { Chain, CHAIN_START } from '../../src/log/chain.ts'
import { EntryWriter } from '../../src/log/entry.ts'
import { microsOf } from '../../src/market/time.ts'
import { captureNames, capturesFolder, readCapture } from '../support/captures.ts'
import { emptyVerdict } from '../support/sample-chunks.ts'

const READER = 'test/support/storage-reader'
const SAMPLES = 'fixtures/chunks'
const PACKAGES = 'node_modules/.cache/bookreel-storage-reader'

const environment = { ...process.env, PYTHONPATH: PACKAGES, PYTHONDONTWRITEBYTECODE: '1' }

const canImport = (): boolean =>
  spawnSync('python3', ['-c', 'import brotli'], { env: environment }).status === 0

/** Undefined: ready. Else one sentence why the reader cannot run. */
const prepare = (): string | undefined => {
  if (canImport()) return undefined
  mkdirSync(PACKAGES, { recursive: true })
  const requirements = join(READER, 'requirements.txt')
  const arguments_ = ['-m', 'pip', 'install', '--quiet', '--target', PACKAGES, '-r', requirements]
  const installed = spawnSync('python3', arguments_, { encoding: 'utf8' })
  if (installed.error !== undefined) return 'python3 is not on the PATH'
  return canImport()
    ? undefined
    : `pip could not install brotli: ${installed.stderr.trim().split('\n').at(-1) ?? ''}`
}

const obstacle = prepare()
const folder = mkdtempSync(join(tmpdir(), 'bookreel-reader-'))

afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

const read = (header: string, payload: string): { records: Uint8Array; sentence: string } => {
  const arguments_ = [join(READER, 'read_chunk.py'), header, payload]
  const { stdout, stderr } = spawnSync('python3', arguments_, { env: environment, maxBuffer: 2 ** 28 })
  return { records: stdout, sentence: stderr.toString() }
}

const samples = (): string[] =>
  readdirSync(SAMPLES)
    .filter((name) => name.endsWith('.header.bin'))
    .map((name) => name.slice(0, -'.header.bin'.length))

/** A capture as one chunk. */
const packCapture = (captures: string, name: string): Uint8Array => {
  const writer = new EntryWriter()
  readCapture(captures, name).lines.forEach((line, index) => {
    const kind = line.dir === 'in' ? 'frame' : line.dir === 'out' ? 'sent' : 'response'
    writer.append(kind, index + 1, microsOf(line.t), line.conn, Buffer.from(line.text))
  })
  return writer.take() ?? new Uint8Array(0)
}

describe.skipIf(obstacle !== undefined)(
  `An independent reader of the storage format${obstacle === undefined ? '' : ` (${obstacle})`}`,
  () => {
    it.each(samples())('reads the sample %s', (name) => {
      const path = (part: string): string => join(SAMPLES, `${name}.${part}.bin`)
      const { records, sentence } = read(path('header'), path('payload'))
      expect(sentence).toBe('')
      expect(readFileSync(path('records')).equals(records)).toBe(true)
    })

    it('refuses a sample in which a byte is another', () => {
      const [name = ''] = samples()
      const payload = readFileSync(join(SAMPLES, `${name}.payload.bin`))
      const middle = payload.length >> 1
      payload[middle] = (payload[middle] ?? 0) ^ 1
      writeFileSync(join(folder, 'payload'), payload)
      const { records, sentence } = read(join(SAMPLES, `${name}.header.bin`), join(folder, 'payload'))
      expect(records.length).toBe(0)
      expect(sentence).toContain('the payload is not what was written')
    })

    const captures = capturesFolder()
    const names = captures === undefined ? [] : captureNames(captures)
    if (captures === undefined) it.skip('reads every capture: there are none here', () => undefined)
    it.each(names)(
      'reads the capture %s',
      (name) => {
        const records = packCapture(captures ?? '', name)
        const chain = new Chain()
        chain.add(records)
        const chunk = encodeChunk({
          stream: 'coinbase:BTC-USD',
          records,
          chainBefore: CHAIN_START,
          chainAfter: chain.head(),
          chainFirstBlock: null,
          chainBlock: chain.blockHead(),
          verdict: emptyVerdict,
        })
        writeFileSync(join(folder, 'header'), encodeHeader(chunk.header))
        writeFileSync(join(folder, 'payload'), chunk.payload)
        const found = read(join(folder, 'header'), join(folder, 'payload'))
        expect(found.sentence).toBe('')
        expect(Buffer.from(found.records).equals(records)).toBe(true)
      },
      60_000,
    )
  },
)
