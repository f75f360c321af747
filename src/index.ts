/**
 * The public API of bookreel: explicit, sorted names. `openArchive` is the way in; docs/cookbook.md shows it at work.
 *
 * Units hold everywhere: prices and sizes are whole numbers of 10^-scale of their instrument, times are microseconds since
 * the Unix epoch, lengths of time are microseconds.
 */
export {
  CaptureProblem,
  findCaptureFile,
  MAX_CAPTURE_LINE_BYTES,
  type NumberedLine,
  readCapture,
} from './app/archive/capture-reader.ts'
export {
  type Archive,
  archiveOf,
  type ArchiveRange,
  openArchive,
  type Place,
} from './app/archive/open-archive.ts'
export { type OpenMode, openStore, venueById, venues } from './app/production.ts'
export { newPace } from './app/replaying/pacing.ts'
export { type ParallelReplay, replayInParallel } from './app/replaying/replay-in-parallel.ts'
export type { NamedDerivation } from './app/replaying/replay-messages.ts'
export { digestLevelRows, digestOrderRows, type LevelRow, type OrderRow } from './book/digest.ts'
export {
  type CapturedFrame,
  type CapturedResponse,
  type CaptureLine,
  captureLineText,
  parseCaptureLine,
} from './log/capture-lines.ts'
export type {
  BookVerdict,
  Chunk,
  ChunkHeader,
  DisconnectRecord,
  EntryCounts,
  Extent,
  GapRecord,
  Keyframe,
  SeqSpans,
  Verdict,
} from './log/chunk.ts'
export {
  EntryCursor,
  type EntryKind,
  type EntryView,
  EntryWriter,
  type GiveRoom,
  recordsAfter,
  type Seq,
} from './log/entry.ts'
export {
  type DamagedKeyframe,
  describeStoreError,
  type EventStore,
  type KeyframeRef,
  type QuarantinedChunk,
  type QuarantineRef,
  type SeqRange,
  type StoreError,
  StoreFailure,
} from './log/event-store.ts'
export { decodeResponse, encodeResponse, type RestResponse } from './log/payloads.ts'
export type { RunBook, RunEnd, RunNote } from './log/run-book.ts'
export type { Lease, StreamLeases } from './log/stream-leases.ts'
export type { LogPart, Tombstone, TombstoneKind } from './log/tombstone.ts'
export {
  type BookView,
  type DepthWatch,
  type LevelColumns,
  type LevelView,
  newLevelColumns,
  type OrderView,
  type PricedView,
  type Sweep,
} from './market/book-view.ts'
export {
  decimalNumber,
  decimalText,
  MAX_SCALE,
  neededScale,
  rescale,
  scaleDecimal,
  scaledText,
} from './market/decimal.ts'
export {
  type BookChecksum,
  type DisconnectCause,
  EventCollector,
  type GapCause,
  type InvalidReason,
  type MarketEvent,
  type MarketSink,
  type RemovalCause,
  type Stamp,
} from './market/event.ts'
export type { StreamId, VenueId } from './market/instrument.ts'
export { NO_ORDER, type OrderHandle } from './market/order-ids.ts'
export { type Price, priceFromText, priceOf, type Size, sizeFromText, sizeOf } from './market/price.ts'
export type { AggressorSide, BookSide } from './market/side.ts'
export {
  DAY,
  HOUR,
  type Micros,
  microsFromIso,
  microsOf,
  microsToIso,
  MINUTE,
  SECOND,
} from './market/time.ts'
export type { NewDerivation, ReplayPart } from './replay/derivation.ts'
export type { Bar } from './replay/derived/bar-sum.ts'
export { type BarRule, barsTo } from './replay/derived/bars.ts'
export { renderBook, type RenderedBook, type RenderedLevel } from './replay/derived/book-row.ts'
export { type BookRow, type BooksOptions, booksTo } from './replay/derived/books.ts'
export type { FlowSums, LevelFlowRow } from './replay/derived/flow-table.ts'
export {
  type LevelChangeConsumer,
  type LevelChangeRow,
  levelChangesTo,
} from './replay/derived/level-changes.ts'
export type { FlowCause } from './replay/derived/level-flow.ts'
export { type FlowSpan, type OrderFlowOptions, orderFlowTo } from './replay/derived/order-flow.ts'
export { QuietSink } from './replay/derived/quiet-sink.ts'
export { statesTo } from './replay/derived/states.ts'
export { type TradeRow, tradesTo } from './replay/derived/trades.ts'
export { visitAll } from './replay/derived/visit-all.ts'
export { BookKeeper } from './replay/keeper/book-keeper.ts'
export { type PaceClock, ReplayPace } from './replay/pacing.ts'
export { parsePosition, type Position, type ReplayRange } from './replay/position.ts'
export type { StreamInfo } from './replay/proof/stream-info.ts'
export { readChunks } from './replay/reading/chunk-reader.ts'
export { StreamPlayer } from './replay/reading/stream-player.ts'
export { replay, type StepOptions } from './replay/replay.ts'
export { describeReplayError, type ReplayError, ReplayFailure } from './replay/replay-failure.ts'
export type { Pace, ReplayOptions } from './replay/replay-options.ts'
export type { EntryStep, ReplayStep, TransactionStep } from './replay/replay-step.ts'
export type { ReplayCounts, ReplaySummary, StreamSummary } from './replay/replay-summary.ts'
export type { ReplayVisitor, StreamState } from './replay/stream-state.ts'
export { visit } from './replay/visit.ts'
export type { ChannelLimit, OfferedPair, PairList, ProductRefresh, RateLimit, Venue } from './venues/venue.ts'
