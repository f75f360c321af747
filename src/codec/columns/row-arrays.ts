/** Where the scalars of rows are written, row behind row. What stood there before means nothing. */
export interface RowArrays {
  readonly values: Float64Array
  readonly scales: Uint8Array
}
