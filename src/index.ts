/** The public API of bookreel: explicit, sorted names. */
export { decimalText, MAX_SCALE, neededScale, rescale, scaleDecimal } from './market/decimal.ts'
export { type Micros, microsFromIso, microsOf, microsToIso } from './market/time.ts'
