/** Names of what is recorded: venues, pairs, streams. Owns their spelling; venues own their symbols. */

/** A venue's short name in lower case: `coinbase`, `bitfinex`. */
export type VenueId = string

/** One venue's feed of one pair: `coinbase:BTC-USD`. */
export type StreamId = `${VenueId}:${string}`

const PAIR = /^[A-Z0-9]{1,20}-[A-Z0-9]{1,20}$/

/** True for our canonical spelling of a pair: `BTC-USD`. */
export const isPair = (text: string): boolean => PAIR.test(text)

/** Joins a venue and a canonical pair into a stream's name. */
export const streamIdOf = (venue: VenueId, pair: string): StreamId => `${venue}:${pair}`

/** Splits a stream's name at its first colon. Undefined when there is none, or a part is empty. */
export const splitStreamId = (text: string): { venue: VenueId; pair: string } | undefined => {
  const colon = text.indexOf(':')
  if (colon < 1 || colon === text.length - 1) return undefined
  return { venue: text.slice(0, colon), pair: text.slice(colon + 1) }
}

/** What stands behind the `@` of an archive's name: the number of a run, `-2` and so on where that was taken. */
const ARCHIVE = /^(.+)@([1-9][0-9]*(?:-[1-9][0-9]*)?)$/

/** Name of the archive of what a recorder had not stored when another one took its stream over. */
export const archiveNamed = (stream: StreamId, epoch: string): StreamId => `${stream}@${epoch}`

/** Splits the name of an archive, or of its pair, before its `@`. Undefined when it is none. */
export const splitArchive = (text: string): { readonly name: string; readonly epoch: string } | undefined => {
  const [, name, epoch] = ARCHIVE.exec(text) ?? []
  return name === undefined || epoch === undefined ? undefined : { name, epoch }
}
