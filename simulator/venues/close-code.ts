/** Which close codes and reasons a WebSocket close frame can carry. */

export const MOST_REASON_BYTES = 123

/** False for codes that only stand for how a connection ended, such as 1006, and for those nobody has given a meaning. */
export const isSayableCode = (code: number): boolean =>
  (code >= 1000 && code <= 1014 && code !== 1004 && code !== 1005 && code !== 1006) ||
  (code >= 3000 && code <= 4999)
