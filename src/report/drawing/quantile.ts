/** How values are spread. */

/** The value that this share of them does not exceed; NaN: there is none. Sorts them. */
export const quantile = (values: Float64Array, share: number): number =>
  values.sort()[Math.min(values.length - 1, Math.floor(share * values.length))] ?? NaN
