import { readdirSync, readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { CaptureProblem, readCapture } from '../../../src/app/archive/capture-reader.ts'
import { captureLineText } from '../../../src/log/capture-lines.ts'
import { capturesFolder } from '../../support/captures.ts'

const LINE = '{"t":1618678132831468,"conn":1,"dir":"in","text":"[1,\\"hb\\"]"}'
const SENT = '{"t":1618678132831469,"conn":1,"dir":"out","text":"{}"}'
const ANSWER =
  '{"t":1618678132831470,"conn":0,"dir":"http","method":"GET","url":"https://x/y?z=1","status":200,"text":"a\\nb"}'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'capture-reader-'))
})
afterAll(async () => {
  await rm(folder, { recursive: true, force: true })
})

const written = async (name: string, content: string | Uint8Array): Promise<string> => {
  const file = path.join(folder, name)
  await writeFile(file, content)
  return file
}

const texts = async (location: string): Promise<string[]> => {
  const all: string[] = []
  for await (const { lineNumber, line } of readCapture(location)) {
    expect(lineNumber).toBe(all.length + 1)
    all.push(captureLineText(line))
  }
  return all
}

const problemOf = async (location: string): Promise<string> => {
  try {
    await texts(location)
  } catch (error) {
    if (error instanceof CaptureProblem) return error.message.replaceAll(folder, '')
    throw error
  }
  return 'read without a problem'
}

describe('readCapture', () => {
  it('reads the three kinds of lines, plain and gzip, with and without the last line feed', async () => {
    const content = [LINE, SENT, ANSWER].join('\n')
    for (const [name, bytes] of [
      ['plain.jsonl', `${content}\n`],
      ['open-end.jsonl', content],
      ['zipped.jsonl.gz', gzipSync(`${content}\n`)],
      ['zipped-without-the-name', gzipSync(content)],
    ] as const) {
      expect(await texts(await written(name, bytes))).toEqual([LINE, SENT, ANSWER])
    }
  })

  it('finds the file of a folder', async () => {
    await written('frames.jsonl', `${LINE}\n`)
    expect(await texts(folder)).toEqual([LINE])
  })

  it('says in one sentence what is wrong', async () => {
    const zipped = gzipSync(`${`${LINE}\n`.repeat(500)}${SENT}\n`)
    const damaged = Buffer.from(zipped)
    damaged.fill(0xff, 20, 40)
    const cases: readonly (readonly [string, string | Uint8Array, string])[] = [
      ['not.gz', `${LINE}\n`, '/not.gz is not gzip, although its name says so.'],
      ['cut.gz', zipped.subarray(0, zipped.length - 9), '/cut.gz is cut: its gzip data ends too early.'],
      ['damaged.gz', damaged, '/damaged.gz is damaged: its gzip data cannot be unpacked.'],
      ['cut.jsonl', `${LINE}\n${SENT.slice(0, 30)}`, '/cut.jsonl is cut: it ends in the middle of line 2.'],
      ['prose.jsonl', 'Dear diary\n', '/prose.jsonl is no capture: line 1 is not a JSON object.'],
      ['empty-line.jsonl', `${LINE}\n\n`, '/empty-line.jsonl is no capture: line 2 is not a JSON object.'],
      ['array.jsonl', '[1]\n', '/array.jsonl is no capture: line 1 is not a JSON object.'],
      [
        'timeless.jsonl',
        '{"a":1}\n',
        '/timeless.jsonl is no capture: line 1 has no time "t" in whole microseconds.',
      ],
      [
        'aimless.jsonl',
        '{"t":1,"conn":1,"dir":"up","text":""}\n',
        '/aimless.jsonl is no capture: line 1 has no "dir" that is "in", "out" or "http".',
      ],
      [
        'back.jsonl',
        `${SENT}\n${LINE}\n`,
        '/back.jsonl is no capture: line 2 is earlier than the line before it.',
      ],
      [
        'binary.jsonl',
        Buffer.from([0xff, 0xfe, 10]),
        '/binary.jsonl is no capture: line 1 is not UTF-8 text.',
      ],
      ['empty.jsonl', '', '/empty.jsonl is empty.'],
    ]
    for (const [name, content, sentence] of cases) {
      expect(await problemOf(await written(name, content))).toBe(sentence)
    }
    expect(await problemOf(path.join(folder, 'nowhere'))).toBe('There is no capture at /nowhere.')
  })
})

const captures = capturesFolder()
describe.skipIf(captures === undefined)('readCapture of real captures', () => {
  it('gives every line back byte for byte', async () => {
    const folders = readdirSync(captures ?? '').filter((name) => /^(coinbase|bitfinex)-/.test(name))
    expect(folders.length).toBeGreaterThan(0)
    for (const name of folders) {
      const location = path.join(captures ?? '', name)
      const plain = gunzipSync(readFileSync(path.join(location, 'frames.jsonl.gz'))).toString('utf8')
      const read = `${(await texts(location)).join('\n')}\n`
      expect(read === plain, name).toBe(true)
    }
  })
})
