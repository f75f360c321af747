/** The EventStore that lives as long as the process: for tests and for looking at small things. */
import { type Either, left, right } from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'

import type { Chunk, ChunkHeader, Keyframe } from '../../log/chunk.ts'
import type { Seq } from '../../log/entry.ts'
import {
  type EventStore,
  type KeyframeRef,
  type SeqRange,
  type StoreError,
  StoreFailure,
} from '../../log/event-store.ts'
import type { StreamId } from '../../market/instrument.ts'
import { judgeAppend, judgeReplace, noChunk, noKeyframe } from '../chunk-rules.ts'

/** Each call makes an empty store of its own. */
export const newMemoryStore = (): EventStore => new MemoryStore()

// What is given and what is handed out are copies, as they are with a backend on disk.
class MemoryStore implements EventStore {
  /** Each stream's chunks in order. */
  private readonly chunks = new Map<StreamId, readonly Chunk[]>()
  private readonly frames = new Map<StreamId, Map<Seq, Keyframe>>()

  readonly streams = async (): Promise<readonly StreamId[]> =>
    await later(() => [...this.chunks.keys()].sort())

  readonly lastSeq = async (stream: StreamId): Promise<Seq> =>
    await later(() => this.chunksOf(stream).at(-1)?.header.lastSeq ?? 0)

  readonly append =
    (chunk: Chunk): TaskEither<StoreError, void> =>
    async () =>
      await later((): Either<StoreError, void> => {
        const { stream, firstSeq } = chunk.header
        const chunks = this.chunksOf(stream)
        const atFirst = chunks.find(({ header }) => header.firstSeq === firstSeq)
        const judged = judgeAppend(chunks.at(-1)?.header.lastSeq ?? 0, atFirst?.header, chunk.header)
        if (typeof judged === 'object') return left(judged)
        if (judged === 'append') this.chunks.set(stream, [...chunks, structuredClone(chunk)])
        return right(undefined)
      })

  readonly headers = async (stream: StreamId, range: SeqRange = {}): Promise<readonly ChunkHeader[]> =>
    await later(() =>
      this.touching(stream, range.from ?? 1, range.to ?? Infinity).map(({ header }) =>
        structuredClone(header),
      ),
    )

  readonly payload = async (stream: StreamId, firstSeq: Seq): Promise<Uint8Array> =>
    await later(() => {
      const chunk = this.chunksOf(stream).find(({ header }) => header.firstSeq === firstSeq)
      if (chunk === undefined) throw new StoreFailure(noChunk(stream, firstSeq))
      return structuredClone(chunk.payload)
    })

  readonly replace =
    (chunk: Chunk): TaskEither<StoreError, void> =>
    async () =>
      await later((): Either<StoreError, void> => {
        const { stream, firstSeq, lastSeq } = chunk.header
        const covered = this.touching(stream, firstSeq, lastSeq)
        const problem = judgeReplace(
          covered.map(({ header }) => header),
          chunk.header,
        )
        if (problem !== undefined) return left(problem)
        const before = this.chunksOf(stream).filter(({ header }) => header.lastSeq < firstSeq)
        const after = this.chunksOf(stream).filter(({ header }) => header.firstSeq > lastSeq)
        this.chunks.set(stream, [...before, structuredClone(chunk), ...after])
        return right(undefined)
      })

  readonly putKeyframe =
    (keyframe: Keyframe): TaskEither<StoreError, void> =>
    async () =>
      await later(() => {
        const frames = this.frames.get(keyframe.stream) ?? new Map<Seq, Keyframe>()
        frames.set(keyframe.seq, structuredClone(keyframe))
        this.frames.set(keyframe.stream, frames)
        return right(undefined)
      })

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

  private chunksOf(stream: StreamId): readonly Chunk[] {
    return this.chunks.get(stream) ?? []
  }

  private touching(stream: StreamId, from: Seq, to: Seq): readonly Chunk[] {
    if (from > to) return []
    return this.chunksOf(stream).filter(({ header }) => header.lastSeq >= from && header.firstSeq <= to)
  }
}

const later = async <A>(compute: () => A): Promise<A> => await Promise.resolve().then(compute)
