/** What general compressors make of the same lines: the system's own `xz` and `zstd`, where there are any. */
import { spawn } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'

import { EntryCursor } from '../../src/log/entry.ts'

/** The commands, each writing to its standard output. */
const RIVALS = {
  'xz -9': ['xz', '-9', '-T1', '-k', '-c'],
  'zstd -19': ['zstd', '-19', '-q', '-k', '-c'],
} as const

export type RivalName = keyof typeof RIVALS

/** Bytes that the command writes; undefined where there is none or it failed. */
const sizeBy = async (words: readonly string[], file: string): Promise<number | undefined> =>
  await new Promise((resolve) => {
    const [command = '', ...options] = words
    const child = spawn(command, [...options, file], { stdio: ['ignore', 'pipe', 'ignore'] })
    let bytes = 0
    child.stdout.on('data', (data: Uint8Array) => (bytes += data.length))
    child.on('error', () => {
      resolve(undefined)
    })
    child.on('close', (code) => {
      resolve(code === 0 ? bytes : undefined)
    })
  })

/**
 * A file of lines: receive time, a letter for what is no frame of the only connection, text. What a chunk holds and
 * nothing more; a line feed inside a text stays.
 */
export class LineFile {
  private readonly folder = mkdtempSync(path.join(os.tmpdir(), 'bookreel-bench-'))
  private readonly file = path.join(this.folder, 'lines')
  private readonly handle = openSync(this.file, 'w')

  /** `tellsMore`: kinds and connections vary and are told. */
  add(records: Uint8Array, tellsMore: boolean): void {
    const cursor = new EntryCursor(records)
    let lines: string[] = []
    while (cursor.next()) {
      const place = tellsMore ? ` ${String(cursor.connection)} ${cursor.kind}` : ''
      lines.push(`${String(cursor.receiveTime)}${place} ${cursor.text()}\n`)
      if (lines.length < 10_000) continue
      writeSync(this.handle, lines.join(''))
      lines = []
    }
    writeSync(this.handle, lines.join(''))
  }

  /** By rival; undefined: not measured. The file is gone afterwards. */
  async sizes(): Promise<ReadonlyMap<RivalName, number | undefined>> {
    closeSync(this.handle)
    const sizes = await Promise.all(
      Object.entries(RIVALS).map(
        async ([name, words]) => [name as RivalName, await sizeBy(words, this.file)] as const,
      ),
    )
    rmSync(this.folder, { recursive: true })
    return new Map(sizes)
  }
}
