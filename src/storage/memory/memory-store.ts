/** The EventStore that lives as long as the process: for tests and for looking at small things. */
import { type Either, left, right } from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'

import type { Chunk, ChunkHeader, Keyframe } from '../../log/chunk.ts'
import type { Seq } from '../../log/entry.ts'
import {
  type DamagedKeyframe,
  type EventStore,
  type KeyframeRef,
  type QuarantinedChunk,
  type QuarantineRef,
  type SeqRange,
  type StoreError,
  StoreFailure,
} from '../../log/event-store.ts'
import type { Tombstone } from '../../log/tombstone.ts'
import { firstSeqOf, lastSeqOf, type LogPart } from '../../log/tombstone.ts'
import type { StreamId } from '../../market/instrument.ts'
import {
  judgeAppend,
  judgeBury,
  judgeHeader,
  judgeQuarantine,
  judgeReplace,
  judgeSplit,
  noChunk,
  noKeyframe,
  noQuarantined,
} from '../chunk-rules.ts'

/** Each call makes an empty store of its own. */
export const newMemoryStore = (): EventStore => new MemoryStore()

interface StoredPart {
  readonly part: Exclude<LogPart, { kind: 'unreadable' }>
  /** Empty for a hole. */
  readonly payload: Uint8Array
}

const storedChunk = ({ header, payload }: Chunk): StoredPart =>
  structuredClone({ part: { kind: 'chunk', header }, payload })

const storedHole = (tombstone: Tombstone): StoredPart =>
  structuredClone({ part: { kind: 'hole', tombstone }, payload: new Uint8Array(0) })

const headersIn = (parts: readonly StoredPart[]): readonly ChunkHeader[] =>
  parts.flatMap(({ part }) => (part.kind === 'chunk' ? [part.header] : []))

// What is given and what is handed out are copies, as they are with a backend on disk.
class MemoryStore implements EventStore {
  /** Each stream's parts in order. */
  private readonly logs = new Map<StreamId, readonly StoredPart[]>()
  private readonly frames = new Map<StreamId, Map<Seq, Keyframe>>()
  private readonly aside = new Map<StreamId, readonly QuarantinedChunk[]>()

  readonly streams = async (): Promise<readonly StreamId[]> => await later(() => [...this.logs.keys()].sort())

  readonly lastSeq = async (stream: StreamId): Promise<Seq> => await later(() => this.lastSeqNow(stream))

  readonly append = (chunk: Chunk): TaskEither<StoreError, void> =>
    writing(() => {
      const { stream, firstSeq } = chunk.header
      const judged = judgeAppend(this.lastSeqNow(stream), this.headerNow(stream, firstSeq), chunk.header)
      if (typeof judged === 'object') return left(judged)
      if (judged === 'append') this.put(stream, storedChunk(chunk))
      return right(undefined)
    })

  readonly headers = async (stream: StreamId, range: SeqRange = {}): Promise<readonly ChunkHeader[]> =>
    await later(() => structuredClone(headersIn(this.touching(stream, range.from, range.to))))

  readonly parts = async (
    stream: StreamId,
    range: SeqRange = {},
    most = Infinity,
  ): Promise<readonly LogPart[]> =>
    await later(() => {
      const found = this.touching(stream, range.from, range.to).map(({ part }) => part)
      return structuredClone(found.slice(0, Math.min(most, found.length)))
    })

  readonly payload = async (stream: StreamId, firstSeq: Seq): Promise<Uint8Array> =>
    await later(() => {
      const found = this.logOf(stream).find(({ part }) => firstSeqOf(part) === firstSeq)
      if (found?.part.kind !== 'chunk') throw new StoreFailure(noChunk(stream, firstSeq))
      return structuredClone(found.payload)
    })

  readonly replace = (chunk: Chunk): TaskEither<StoreError, void> =>
    writing(() => {
      const { stream, firstSeq, lastSeq } = chunk.header
      const covered = this.touching(stream, firstSeq, lastSeq)
      const problem = judgeReplace(headersIn(covered), chunk.header)
      if (problem !== undefined) return left(problem)
      this.put(stream, storedChunk(chunk), covered)
      return right(undefined)
    })

  readonly split = (first: Chunk, second: Chunk): TaskEither<StoreError, void> =>
    writing(() => {
      const { stream, firstSeq } = first.header
      const covered = this.touching(stream, firstSeq, second.header.lastSeq)
      const judged = judgeSplit(headersIn(covered), first.header, second.header)
      if (typeof judged === 'object') return left(judged)
      if (judged === 'done') return right(undefined)
      this.put(stream, storedChunk(first), covered)
      this.put(stream, storedChunk(second))
      return right(undefined)
    })

  readonly putHeader = (header: ChunkHeader): TaskEither<StoreError, void> =>
    writing(() => {
      const { stream, firstSeq } = header
      const problem = judgeHeader(this.headerNow(stream, firstSeq), header)
      if (problem !== undefined) return left(problem)
      const stored = this.logOf(stream).filter(({ part }) => firstSeqOf(part) === firstSeq)
      for (const { payload } of stored) this.put(stream, storedChunk({ header, payload }), stored)
      return right(undefined)
    })

  readonly bury = (tombstone: Tombstone): TaskEither<StoreError, void> =>
    writing(() => {
      const { stream, firstSeq, lastSeq } = tombstone
      const touched = this.touching(stream, firstSeq, lastSeq)
      const judged = judgeBury(
        touched.map(({ part }) => part),
        tombstone,
      )
      if (typeof judged === 'object') return left(judged)
      if (judged === 'done') return right(undefined)
      const frames = this.frames.get(stream)
      for (const seq of [...(frames?.keys() ?? [])]) if (seq >= firstSeq && seq < lastSeq) frames?.delete(seq)
      this.put(stream, storedHole(tombstone), touched)
      return right(undefined)
    })

  readonly quarantine = (
    stream: StreamId,
    firstSeqs: readonly Seq[],
    tombstone: Tombstone | undefined,
  ): TaskEither<StoreError, void> =>
    writing(() => {
      const log = this.logOf(stream)
      const taken = log.filter(({ part }) => firstSeqs.includes(firstSeqOf(part)))
      const rest = log.filter((stored) => !taken.includes(stored))
      if (tombstone !== undefined) {
        const { firstSeq, lastSeq } = tombstone
        const touched = this.touching(stream, firstSeq, lastSeq).map(({ part }) => part)
        const before = rest.findLast(({ part }) => firstSeqOf(part) < firstSeq)?.part
        const lastBefore = before === undefined ? 0 : lastSeqOf(before)
        const problem = judgeQuarantine(touched, lastBefore, firstSeqs, tombstone)
        if (problem !== undefined) return left(problem)
      }
      const missing = firstSeqs.find((firstSeq) => !taken.some(({ part }) => firstSeqOf(part) === firstSeq))
      if (missing !== undefined) return left(noChunk(stream, missing))
      for (const { part, payload } of taken) this.putAside(stream, part, payload)
      this.logs.set(stream, rest)
      if (tombstone !== undefined) this.put(stream, storedHole(tombstone))
      return right(undefined)
    })

  readonly quarantined = async (stream: StreamId): Promise<readonly QuarantineRef[]> =>
    await later(() =>
      (this.aside.get(stream) ?? []).map(({ header: _header, payload: _payload, ...reference }) => reference),
    )

  readonly quarantinedChunk = async (stream: StreamId, number: number): Promise<QuarantinedChunk> =>
    await later(() => {
      const found = this.aside.get(stream)?.find((chunk) => chunk.number === number)
      if (found === undefined) throw new StoreFailure(noQuarantined(stream, number))
      return structuredClone(found)
    })

  readonly putKeyframe = (keyframe: Keyframe): TaskEither<StoreError, void> =>
    writing(() => {
      const frames = this.frames.get(keyframe.stream) ?? new Map<Seq, Keyframe>()
      frames.set(keyframe.seq, structuredClone(keyframe))
      this.frames.set(keyframe.stream, frames)
      return right(undefined)
    })

  readonly dropKeyframe = (stream: StreamId, seq: Seq): TaskEither<StoreError, void> =>
    writing(() => {
      this.frames.get(stream)?.delete(seq)
      return right(undefined)
    })

  /** Memory does not rot. */
  readonly damagedKeyframes = async (): Promise<readonly DamagedKeyframe[]> => await later(() => [])

  readonly keyframes = async (stream: StreamId): Promise<readonly KeyframeRef[]> =>
    await later(() =>
      [...(this.frames.get(stream)?.values() ?? [])]
        .sort((one, other) => one.seq - other.seq)
        .map(({ payload: _, ...reference }) => reference),
    )

  readonly keyframe = async (stream: StreamId, seq: Seq): Promise<Keyframe> =>
    await later(() => {
      const stored = this.frames.get(stream)?.get(seq)
      if (stored === undefined) throw new StoreFailure(noKeyframe(stream, seq))
      return structuredClone(stored)
    })

  readonly close = async (): Promise<void> => {
    await later(() => undefined)
  }

  private logOf(stream: StreamId): readonly StoredPart[] {
    return this.logs.get(stream) ?? []
  }

  private lastSeqNow(stream: StreamId): Seq {
    const last = this.logOf(stream).at(-1)
    return last === undefined ? 0 : lastSeqOf(last.part)
  }

  private headerNow(stream: StreamId, firstSeq: Seq): ChunkHeader | undefined {
    return headersIn(this.logOf(stream)).find((header) => header.firstSeq === firstSeq)
  }

  /** Puts a part in its place, instead of the ones named. */
  private put(stream: StreamId, stored: StoredPart, instead: readonly StoredPart[] = []): void {
    const rest = this.logOf(stream).filter((other) => !instead.includes(other))
    const at = rest.findIndex(({ part }) => firstSeqOf(part) > firstSeqOf(stored.part))
    this.logs.set(stream, at < 0 ? [...rest, stored] : rest.toSpliced(at, 0, stored))
  }

  private putAside(stream: StreamId, part: StoredPart['part'], payload: Uint8Array): void {
    const before = this.aside.get(stream) ?? []
    const header = Buffer.from(JSON.stringify(part))
    const chunk = {
      stream,
      number: before.length + 1,
      firstSeq: firstSeqOf(part),
      headerBytes: header.length,
      payloadBytes: payload.length,
      header,
      payload,
    }
    this.aside.set(stream, [...before, structuredClone(chunk)])
  }

  private touching(stream: StreamId, from: Seq = 1, to: Seq = Infinity): readonly StoredPart[] {
    if (from > to) return []
    return this.logOf(stream).filter(({ part }) => lastSeqOf(part) >= from && firstSeqOf(part) <= to)
  }
}

const later = async <A>(compute: () => A): Promise<A> => await Promise.resolve().then(compute)

const writing =
  (write: () => Either<StoreError, void>): TaskEither<StoreError, void> =>
  async () =>
    await later(write)
