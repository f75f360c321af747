/** An embedded store over the years: what is deleted is used again, a backup of it while it is written, read by others. */
import { spawn, spawnSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { isLeft, right } from 'fp-ts/lib/Either.js'
import { afterAll, describe, expect, it } from 'vitest'

import { backupStore } from '../../src/app/archive/backup-store.ts'
import { describeStoreError, type EventStore } from '../../src/log/event-store.ts'
import type { Tombstone } from '../../src/log/tombstone.ts'
import type { StreamId } from '../../src/market/instrument.ts'
import { openLmdbStore } from '../../src/storage/lmdb/lmdb-store.ts'
import { builtFile } from '../support/built.ts'
import { sampleChunk } from '../support/sample-chunks.ts'
import { startWriter } from '../support/writer-process.ts'

const STREAM: StreamId = 'coinbase:BTC-USD'
const DONE = right(undefined)
const root = mkdtempSync(join(tmpdir(), 'bookreel-keeping-'))
afterAll(() => {
  spawnSync('chmod', ['-R', 'u+w', root])
  rmSync(root, { recursive: true, force: true })
})
let folders = 0
const newFolder = (): string => join(root, String(++folders))
const nothing = (): void => undefined
const unwatched = { onCopying: nothing, onBytes: nothing, onProving: nothing, onEntries: nothing }

const opened = async (folder: string, mode: 'read' | 'write' = 'write'): Promise<EventStore> => {
  const store = await openLmdbStore(folder, { mode, create: mode === 'write' })()
  if (isLeft(store)) throw new Error(describeStoreError(store.left))
  return store.right
}

const fileBytes = (folder: string): number => statSync(join(folder, 'store.mdb')).size

const ENTRIES = 1000
/** Chunks that do not compress to nothing: a megabyte or so all in all. */
const fill = async (store: EventStore, from: number, chunks: number): Promise<void> => {
  for (let count = 0; count < chunks; count++) {
    const first = from + count * ENTRIES
    expect(await store.append(sampleChunk(STREAM, first, first + ENTRIES - 1))()).toEqual(DONE)
  }
}

const stoneOver = (firstSeq: number, lastSeq: number): Tombstone => {
  const { header } = sampleChunk(STREAM, firstSeq, lastSeq)
  return {
    kind: 'deleted',
    stream: STREAM,
    firstSeq,
    lastSeq,
    firstReceiveTime: header.firstReceiveTime,
    lastReceiveTime: header.lastReceiveTime,
    headBefore: header.chainBefore,
    headAfter: header.chainAfter,
    restartsChain: false,
    reason: 'A test.',
  }
}

describe('space of what was deleted', () => {
  it('is used again by what is stored next, and a backup is without it', async () => {
    const folder = newFolder()
    const store = await opened(folder)
    await fill(store, 1, 40)
    const full = fileBytes(folder)
    expect(await store.bury(stoneOver(1, 36 * ENTRIES))()).toEqual(DONE)
    const copy = newFolder()
    const { bytes } = await backupStore(folder, copy, unwatched)
    expect(bytes).toBe(fileBytes(copy))
    expect(bytes).toBeLessThan(full / 2)
    await fill(store, 40 * ENTRIES + 1, 30)
    expect(fileBytes(folder)).toBeLessThan(full * 1.1)
    await store.close()
  })
})

describe('a backup', () => {
  it('of a store that is being written is sound and one moment of it, again and again', async () => {
    const folder = newFolder()
    const writer = startWriter('store', folder, STREAM)
    await writer.reaches(2_000)
    try {
      for (let round = 0; round < 3; round++) {
        const before = writer.acknowledged()
        const to = newFolder()
        const { streams } = await backupStore(folder, to, unwatched)
        const [copied] = streams
        expect(copied).toMatchObject({ stream: STREAM, damage: [] })
        expect(copied?.lastSeq).toBeGreaterThanOrEqual(before)
        expect(copied?.entries).toBe(copied?.lastSeq)
        expect(copied?.head).toMatch(/^[0-9a-f]{64}$/)
        const store = await opened(to)
        expect(await store.lastSeq(STREAM)).toBe(copied?.lastSeq)
        await store.close()
        await writer.reaches(writer.acknowledged() + 1_000)
      }
    } finally {
      await writer.kill()
    }
  })

  it('takes an empty folder, and no other', async () => {
    const folder = newFolder()
    const store = await opened(folder)
    await fill(store, 1, 1)
    await store.close()
    const empty = newFolder()
    mkdirSync(empty)
    await backupStore(folder, empty, unwatched)
    await expect(backupStore(folder, empty, unwatched)).rejects.toThrow(/not an empty folder/)
    await expect(backupStore(folder, folder, unwatched)).rejects.toThrow(/not an empty folder/)
    await expect(backupStore(newFolder(), newFolder(), unwatched)).rejects.toThrow(/There is no store/)
    expect(readdirSync(empty).sort()).toEqual(['bookreel.json', 'store.mdb'])
  })

  it('removes what one that was cut short left behind, and nothing else', async () => {
    const folder = newFolder()
    const store = await opened(folder)
    await fill(store, 1, 1)
    await store.close()
    const to = newFolder()
    const partial = `${to}.partial`
    mkdirSync(partial)
    writeFileSync(join(partial, 'store.mdb'), 'half of it')
    await backupStore(folder, to, unwatched)
    expect(existsSync(partial)).toBe(false)
    const other = newFolder()
    mkdirSync(`${other}.partial`)
    writeFileSync(join(`${other}.partial`, 'mine.txt'), 'keep me')
    await expect(backupStore(folder, other, unwatched)).rejects.toThrow(/stands in the way/)
    expect(existsSync(join(`${other}.partial`, 'mine.txt'))).toBe(true)
  })
})

/** Nobody in particular: root may write everywhere. */
const OTHER_USER = 65534
const isRoot = process.getuid?.() === 0
const main = builtFile('src/cli/main.ts')
const asOther = isRoot ? { uid: OTHER_USER, gid: OTHER_USER } : {}
const run = (...words: readonly string[]): { readonly code: number | null; readonly text: string } => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...words], {
    ...asOther,
    cwd: '/',
    encoding: 'utf8',
  })
  return { code: status, text: stdout + stderr }
}
const mayRun = run('--version').code === 0

describe.skipIf(!mayRun)(
  `a store that this user may not write${mayRun ? '' : ' (the other user cannot run it)'}`,
  () => {
    const readable = async (folder: string): Promise<void> => {
      const store = await opened(folder)
      await fill(store, 1, 2)
      await store.close()
      chmodSync(root, 0o755)
    }

    it.each([
      ['with the lock of an earlier writer', true],
      ['without a lock', false],
    ])('is read %s', async (_name, hasLock) => {
      const folder = newFolder()
      await readable(folder)
      if (!hasLock) rmSync(join(folder, 'store.mdb-lock'))
      spawnSync('chmod', ['-R', 'a-w', folder])
      const before = readdirSync(folder)
      for (const words of [
        ['info', '--json'],
        ['verify', '--json'],
        ['replay', '--json'],
        ['book', STREAM, '--at', 'seq:1500', '--json'],
        ['export', 'frames', STREAM],
      ]) {
        const { code, text } = run(...words, '--store', `file:${folder}`)
        expect(/^bookreel:.*/m.exec(text)?.[0]).toBeUndefined()
        // Made-up frames have no verdict that replay would give.
        expect([0, words[0] === 'verify' ? 3 : 0]).toContain(code)
        expect(text.includes(STREAM) || text.includes('"seq":2000')).toBe(true)
      }
      const refused = run('delete', STREAM, '--from', 'seq:1', '--yes', '--store', `file:${folder}`)
      expect(refused.code).toBe(1)
      expect(refused.text).toMatch(/no permission/)
      expect(readdirSync(folder)).toEqual(before)
    })

    it('is not read on while somebody writes whom it cannot lock out', async () => {
      const folder = newFolder()
      await readable(folder)
      const writer = await opened(folder)
      spawnSync('chmod', ['-R', 'a-w', folder])
      const script = `
      const { openLmdbStore } = await import(${JSON.stringify(builtFile('src/storage/lmdb/lmdb-store.ts'))})
      const { right: store } = await openLmdbStore(${JSON.stringify(folder)}, { mode: 'read' })()
      console.log(await store.lastSeq('${STREAM}'))
      for await (const _ of process.stdin) break
      console.log(await store.lastSeq('${STREAM}').catch((error) => error.message))
      process.exit(0)`
      const reader = spawn(process.execPath, ['--input-type=module', '-e', script], { ...asOther, cwd: '/' })
      let told = ''
      const hasTold = (pattern: RegExp): Promise<void> =>
        new Promise((resolve, reject) => {
          const look = (): void => {
            if (pattern.test(told)) resolve()
          }
          reader.stdout.on('data', look)
          reader.on('close', () => {
            if (pattern.test(told)) resolve()
            else reject(new Error(`it told ${told}`))
          })
          look()
        })
      reader.stdout.on('data', (bytes: Buffer) => (told += bytes.toString()))
      reader.stderr.on('data', (bytes: Buffer) => (told += bytes.toString()))
      await hasTold(/^2000$/m)
      await fill(writer, 2001, 1)
      reader.stdin.write('on\n')
      await hasTold(/is being written while this user may not lock it/)
      await writer.close()
    })
  },
)
