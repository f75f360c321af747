/** The runs of a stream as its own entries tell them: for stores that keep no list of runs. Opens the chunks that have some. */
import { isRight } from 'fp-ts/lib/Either.js'

import { decodeManifest } from '../../codec/documents.ts'
import type { ChunkHeader } from '../../log/chunk.ts'
import type { EntryView, Seq } from '../../log/entry.ts'
import type { EventStore } from '../../log/event-store.ts'
import type { RunNote } from '../../log/run-book.ts'
import type { StreamId } from '../../market/instrument.ts'
import { readableHeaders, readEntries } from './readable-chunks.ts'

/** Chunks opened at most, the last ones: what came before is told by a count alone. */
const MOST_OPENED = 100

const runsBegunIn = ({ kinds }: ChunkHeader): number => kinds['run-started'] ?? 0

const endsRun = ({ kinds }: ChunkHeader): boolean => (kinds['run-ended'] ?? 0) > 0

class RunList {
  readonly notes: RunNote[] = []
  private readonly stream: StreamId
  private epoch: number

  /** `epoch`: the number of the last run before. */
  constructor(stream: StreamId, epoch: number) {
    this.stream = stream
    this.epoch = epoch
  }

  add(entry: EntryView): void {
    if (entry.kind === 'run-started') this.begin(entry)
    else if (entry.kind === 'run-ended') this.end(entry)
  }

  private begin(entry: EntryView): void {
    const { seq, receiveTime } = entry
    // Nothing ended the one before.
    this.close('crash', seq - 1)
    const manifest = decodeManifest(entry.text())
    const { software, recorder, epoch } = isRight(manifest)
      ? manifest.right
      : { software: '', recorder: undefined, epoch: undefined }
    this.epoch = Math.max(this.epoch + 1, epoch ?? 0)
    this.notes.push({
      stream: this.stream,
      epoch: this.epoch,
      recorder: recorder ?? '',
      software,
      firstSeq: seq,
      startedAt: receiveTime,
      end: null,
      lastSeq: null,
    })
  }

  private end(entry: EntryView): void {
    this.close(entry.text().includes('"crash"') ? 'crash' : 'stopped', entry.seq)
  }

  private close(end: 'crash' | 'stopped', lastSeq: Seq): void {
    const last = this.notes.at(-1)
    if (last?.end === null) this.notes[this.notes.length - 1] = { ...last, end, lastSeq }
  }
}

/**
 * The last runs of a stream, oldest first; `recorder` is '' where the store is on one machine. A chunk that cannot be read is
 * passed over. Throws StoreFailure when the store as a whole fails.
 */
export const loggedRuns = async (store: EventStore, stream: StreamId): Promise<readonly RunNote[]> => {
  const headers = await readableHeaders(store, stream)
  const telling = headers.filter((header) => runsBegunIn(header) > 0 || endsRun(header))
  const opened = telling.slice(-MOST_OPENED)
  const before = telling.slice(0, -MOST_OPENED).reduce((sum, header) => sum + runsBegunIn(header), 0)
  const list = new RunList(stream, before)
  for (const header of opened)
    await readEntries(store, header, (entry) => {
      list.add(entry)
    })
  return list.notes
}
