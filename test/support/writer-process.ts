/** Starts store-writer.mjs and tells what it acknowledged. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'
import { createInterface } from 'node:readline'

import type { Seq } from '../../src/log/entry.ts'
import { builtFile } from './built.ts'

export interface WriterProcess {
  readonly child: ChildProcess
  /** The last entry the process says is kept. */
  readonly acknowledged: () => Seq
  /** Resolves when the process acknowledged this entry; rejects when it ends before. */
  readonly reaches: (seq: Seq) => Promise<void>
  /** `kill -9`; resolves when the process is gone and its output read. */
  readonly kill: () => Promise<void>
}

export const startWriter = (
  kind: 'store' | 'holes' | 'journal',
  folder: string,
  stream: string,
): WriterProcess => {
  const module = kind !== 'journal' ? 'src/storage/lmdb/lmdb-store.ts' : 'src/storage/journal/file-journal.ts'
  const built = [module, 'src/codec/chunk-plain.ts', 'src/log/chain.ts', 'src/log/entry.ts'].map(builtFile)
  const script = resolve(import.meta.dirname, 'store-writer.mjs')
  const child = spawn(process.execPath, [script, kind, folder, stream, ...built], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let last = 0
  let errors = ''
  child.stderr.on('data', (bytes: Buffer) => (errors += bytes.toString()))
  const lines = createInterface(child.stdout)
  lines.on('line', (line) => (last = Number(line)))
  const ended = once(child, 'close')
  const reaches = async (seq: Seq): Promise<void> => {
    while (last < seq) {
      const what = await Promise.race([once(lines, 'line'), ended.then(() => 'ended' as const)])
      if (what === 'ended' && last < seq)
        throw new Error(`the writer ended at entry ${String(last)}: ${errors}`)
    }
  }
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL')
    await ended
  }
  return { child, acknowledged: () => last, reaches, kill }
}
