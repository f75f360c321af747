/** The public API of bookreel: explicit, sorted names. */
export {
  CaptureProblem,
  findCaptureFile,
  MAX_CAPTURE_LINE_BYTES,
  type NumberedLine,
  readCapture,
} from './app/capture-reader.ts'
export { digestLevelRows, digestOrderRows, type LevelRow, type OrderRow } from './book/digest.ts'
export {
  type CapturedFrame,
  type CapturedResponse,
  type CaptureLine,
  captureLineText,
  parseCaptureLine,
} from './log/capture-lines.ts'
export type { ChunkHeader } from './log/chunk.ts'
export { EntryCursor, type EntryView, EntryWriter, recordsAfter, type Seq } from './log/entry.ts'
export type { EventStore } from './log/event-store.ts'
export { decodeResponse, encodeResponse, type RestResponse } from './log/payloads.ts'
export type { BookView } from './market/book-view.ts'
export { decimalText, MAX_SCALE, neededScale, rescale, scaleDecimal } from './market/decimal.ts'
export type { MarketSink } from './market/event.ts'
export type { StreamId } from './market/instrument.ts'
export type { OrderHandle } from './market/order-ids.ts'
export type { Price } from './market/price.ts'
export type { BookSide } from './market/side.ts'
export { type Micros, microsFromIso, microsOf, microsToIso } from './market/time.ts'
export { BookKeeper } from './replay/book-keeper.ts'
export { renderBook, type RenderedBook, type RenderedLevel } from './replay/book-row.ts'
export { readChunks } from './replay/chunk-reader.ts'
export type { Position, ReplayRange } from './replay/position.ts'
export { StreamPlayer } from './replay/stream-player.ts'
export type { Venue } from './venues/venue.ts'
