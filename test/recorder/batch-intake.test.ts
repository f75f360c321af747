import { describe, expect, it } from 'vitest'

import type { Journal } from '../../src/log/journal.ts'
import { BatchIntake } from '../../src/recorder/batch-intake.ts'
import { ChunkMemory, MOST_HELD_BYTES } from '../../src/recorder/sealing/chunk-memory.ts'
import { HeldBytes } from '../../src/recorder/sealing/held-bytes.ts'

/** A journal that takes everything until it is closed. */
const openJournal = (): { readonly journal: Journal; readonly close: () => void } => {
  let isClosed = false
  const journal: Pick<Journal, 'append' | 'written'> = {
    append: () => {
      if (isClosed) throw new Error('the journal is closed')
    },
    written: () => (isClosed ? Promise.reject(new Error('the journal is closed')) : Promise.resolve()),
  }
  return {
    journal: journal as Journal,
    close: () => {
      isClosed = true
    },
  }
}

const settle = async (): Promise<void> => {
  await new Promise((resolve) => setImmediate(resolve))
}

const newIntake = (
  journal: Journal,
): { readonly intake: BatchIntake; readonly memory: ChunkMemory; readonly failures: unknown[] } => {
  const memory = new ChunkMemory(new HeldBytes(MOST_HELD_BYTES))
  const failures: unknown[] = []
  const onFailure = (error: unknown): void => void failures.push(error)
  const intake = new BatchIntake({
    journal,
    memory,
    tellFeed: () => undefined,
    onTaken: () => undefined,
    onFailure,
  })
  return { intake, memory, failures }
}

const BATCH = { records: new Uint8Array(8), firstSeq: 1, lastSeq: 1, endsChunk: true }

describe('what is journaled of a stream', () => {
  it('may be freed behind the end of its journal: a seal that was asked for ends when it ends', async () => {
    const { journal, close } = openJournal()
    const { intake, memory, failures } = newIntake(journal)
    let freed = 0
    intake.take(BATCH, undefined, () => freed++)
    await settle()
    expect(memory.recordsOf(0, 1)).toEqual(BATCH.records)
    close()
    memory.release(1)
    await settle()
    expect({ failures, freed, written: intake.writtenSeq }).toEqual({ failures: [], freed: 0, written: 1 })
  })

  it('fails once when nothing more can be journaled', async () => {
    const { journal, close } = openJournal()
    const { intake, failures } = newIntake(journal)
    close()
    intake.take(BATCH)
    intake.take(BATCH)
    await settle()
    expect(failures.map(String)).toEqual(['Error: the journal is closed'])
  })
})
