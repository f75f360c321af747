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
export { decimalText, MAX_SCALE, neededScale, rescale, scaleDecimal } from './market/decimal.ts'
export { type Micros, microsFromIso, microsOf, microsToIso } from './market/time.ts'
