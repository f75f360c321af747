import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { microsOf } from '../../src/market/time.ts'
import { SealedFile } from '../../src/storage/journal/sealed-file.ts'
import { SpoolFolder } from '../../src/storage/journal/spool-folder.ts'

let folder = ''

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bookreel-spool-'))
})
afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

describe('SpoolFolder', () => {
  it('names the recorder once, whoever asks', () => {
    const place = join(folder, 'new')
    const name = new SpoolFolder(place).recorderId()
    expect(name).toMatch(/^[0-9a-f-]{36}$/)
    expect(new SpoolFolder(place).recorderId()).toBe(name)
    expect(new SpoolFolder(join(folder, 'other')).recorderId()).not.toBe(name)
  })

  it('sets journals aside, finds them, and removes them', () => {
    const spool = new SpoolFolder(folder)
    expect(spool.archivesOf('toy:A-B')).toEqual([])
    for (const stream of ['toy:A-B', 'toy:A-BC']) {
      mkdirSync(join(folder, encodeURIComponent(stream)))
      writeFileSync(join(folder, encodeURIComponent(stream), 'x'), stream)
    }
    spool.setAside('toy:A-B', 'toy:A-B@3')
    spool.setAside('toy:A-BC', 'toy:A-BC@12-2')
    expect(spool.archivesOf('toy:A-B')).toEqual(['toy:A-B@3'])
    expect(spool.archivesOf('toy:A-BC')).toEqual(['toy:A-BC@12-2'])
    expect(existsSync(join(folder, 'toy%3AA-B'))).toBe(false)
    spool.remove('toy:A-B@3')
    expect(spool.archivesOf('toy:A-B')).toEqual([])
  })
})

describe('the mark of what is stored', () => {
  const mark = {
    lastSeq: 7,
    lastReceiveTime: microsOf(99),
    lastConnection: 2,
    lastKind: 'run-ended',
    epoch: 4,
  } as const

  it('is what was kept last, or nothing', async () => {
    const file = new SealedFile(folder)
    expect(await file.mark()).toBeUndefined()
    await file.keepMark({ ...mark, lastSeq: 3, lastKind: undefined })
    expect(await file.mark()).toEqual({ ...mark, lastSeq: 3, lastKind: undefined })
    await file.keepMark(mark)
    expect(await new SealedFile(folder).mark()).toEqual(mark)
  })

  it.each(['', '{', 'null', '{"lastSeq":"7"}'])('is nothing where the file says %j', async (text) => {
    writeFileSync(join(folder, 'stored.json'), text)
    expect(await new SealedFile(folder).mark()).toBeUndefined()
  })
})
