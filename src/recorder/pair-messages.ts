/** What a pair's process and its supervisor say to each other. Holds no secrets. */
import type { StreamId } from '../market/instrument.ts'
import type { Limited } from './asked-grants.ts'
import type { LogLine } from './recorder-log.ts'
import type { StreamStatus } from './stream-status.ts'
import type { RecordMode, StreamConfig } from './thread-messages.ts'

/** What one process records: a pair on all its venues; in mode `light` all pairs. */
export interface PairConfig {
  /** For people; stays when streams come and go. */
  readonly pair: string
  readonly mode: RecordMode
  /** URL of the store. */
  readonly store: string
  /** The folder where entries wait for the store; undefined: the usual one. */
  readonly spool: string | undefined
  /** Bytes that may wait there for each stream. */
  readonly spoolLimit: number
  /** The store is on a server, which may be away for a while. */
  readonly isStoreRemote: boolean
  /** Waits while another recorder has the streams. */
  readonly standsBy: boolean
  /** Connects first, then takes the streams over from a recorder on this machine, which is asked to end. */
  readonly takesOver: boolean
  /** Milliseconds that another recorder must be silent, while the server answers, until it counts as dead. */
  readonly patience: number
  /** Milliseconds until entries are on disk. */
  readonly durability: number
  /** Name and version of this software, for the manifest. */
  readonly software: string
  readonly streams: readonly StreamConfig[]
}

/** What a process at work is to record otherwise. */
export interface StreamChange {
  readonly leaves: readonly StreamId[]
  /** New ones, and those that begin anew: what is at work of them is flushed and ended before. */
  readonly begins: readonly StreamConfig[]
}

export type ToPair =
  | { readonly kind: 'record'; readonly config: PairConfig }
  /** What the stream asked for first may be done. */
  | { readonly kind: 'granted'; readonly stream: StreamId; readonly what: Limited }
  /** In mode `light`, where the others must not notice. `begun` and `left` answer, stream by stream. */
  | ({ readonly kind: 'change' } & StreamChange)
  | { readonly kind: 'stop' }

export type FromPair =
  | { readonly kind: 'status'; readonly streams: readonly StreamStatus[] }
  | { readonly kind: 'log'; readonly line: LogLine }
  /** A stream that `change` named begins; what was told of it before is of its past. */
  | { readonly kind: 'begun'; readonly stream: StreamId }
  /** A stream that `change` named is flushed, sealed and stored, as far as its store is there, and not recorded any more. */
  | { readonly kind: 'left'; readonly stream: StreamId }
  /** The stream wants to open a connection, or to send a request; `granted` answers. */
  | { readonly kind: 'ask'; readonly stream: StreamId; readonly what: Limited }
  /** The stream's connections deliver; the recorder that has it now may end. */
  | { readonly kind: 'ready'; readonly stream: StreamId }
  /** The stream delivers, for the first time. */
  | { readonly kind: 'started'; readonly stream: StreamId }
  /** The stream never delivered yet, and its attempts failed; one sentence. */
  | { readonly kind: 'could-not-start'; readonly stream: StreamId; readonly sentence: string }
  /** Recording this stream ended before its time, cleanly; one sentence. `hasNoRoom`: because the disk is full. */
  | {
      readonly kind: 'ended'
      readonly stream: StreamId
      readonly sentence: string
      readonly hasNoRoom?: boolean
    }
  /** The pair cannot be recorded; one sentence. The process ends. */
  | { readonly kind: 'failed'; readonly sentence: string; readonly hasNoRoom?: boolean }

/** A pair's process, as its supervisor sees it. */
export interface PairProcess {
  readonly tell: (message: ToPair) => void
  readonly onMessage: (listener: (message: FromPair) => void) => void
  /** `how`: the exit code or the signal, for people. */
  readonly onExit: (listener: (how: string, isClean: boolean) => void) => void
  readonly kill: () => void
}
