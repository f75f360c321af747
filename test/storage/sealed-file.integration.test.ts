import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, describe, expect, it } from 'vitest'

import { encodeKeyframe } from '../../src/codec/keyframe.ts'
import type { StreamId } from '../../src/market/instrument.ts'
import { microsOf } from '../../src/market/time.ts'
import { SealedFile } from '../../src/storage/journal/sealed-file.ts'
import { sampleChunk } from '../support/sample-chunks.ts'

const STREAM: StreamId = 'coinbase:BTC-USD'
const root = mkdtempSync(join(tmpdir(), 'bookreel-sealed-'))
afterAll(() => {
  rmSync(root, { recursive: true, force: true })
})

const keyframe = (seq: number) =>
  encodeKeyframe({
    stream: STREAM,
    seq,
    receiveTime: microsOf(seq),
    decoderVersion: 1,
    state: Buffer.from(`state ${String(seq)}`),
  })

describe('SealedFile', () => {
  it.each([0, 1, 3])('gives a chunk and its %i keyframes back to the next process', async (count) => {
    const sealed = {
      chunk: sampleChunk(STREAM, 1, 30),
      keyframes: [5, 12, 30].slice(0, count).map(keyframe),
    }
    await new SealedFile(root).keep({ chunk: sampleChunk(STREAM, 1, 9), keyframes: [keyframe(9)] })
    await new SealedFile(root).keep(sealed)
    const kept = await new SealedFile(root).kept()
    expect(kept?.chunk.header).toEqual(sealed.chunk.header)
    expect(Buffer.compare(kept?.chunk.payload ?? Buffer.of(), sealed.chunk.payload)).toBe(0)
    expect(kept?.keyframes).toEqual(
      sealed.keyframes.map((given) => ({ ...given, payload: Buffer.from(given.payload) })),
    )
    await new SealedFile(root).forget()
    expect(await new SealedFile(root).kept()).toBeUndefined()
  })

  it('gives nothing back of bytes that are not what was kept', async () => {
    const file = new SealedFile(root)
    await file.keep({ chunk: sampleChunk(STREAM, 1, 30), keyframes: [keyframe(5), keyframe(30)] })
    const path = join(root, 'sealed.chunk')
    const whole = readFileSync(path)
    for (let length = 0; length < whole.length; length += 7) {
      writeFileSync(path, whole.subarray(0, length))
      expect(await file.kept()).toBeUndefined()
    }
    writeFileSync(path, whole)
    expect((await file.kept())?.keyframes).toHaveLength(2)
  })
})
