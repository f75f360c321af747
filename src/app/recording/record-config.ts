/** The `--config` file of `record`: JSON that holds what the flags hold, under the flags' names. */
import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'

const Texts = t.array(t.string)

const RecordConfig = t.partial(
  {
    pairs: Texts,
    venue: Texts,
    mode: t.string,
    for: t.string,
    store: t.string,
    endpoint: Texts,
    symbol: Texts,
    feed: Texts,
    durability: t.string,
    connections: t.string,
    'metrics-port': t.string,
    'metrics-host': t.string,
    spool: t.string,
    'spool-limit': t.string,
    standby: t.boolean,
    'take-over': t.boolean,
    'takeover-after': t.string,
    json: t.boolean,
  },
  'RecordConfig',
)

export type RecordConfig = t.TypeOf<typeof RecordConfig>

const NAMES = Object.keys(RecordConfig.props)

/** Left: what is wrong, as a part of a sentence. */
export const parseRecordConfig = (text: string): Either<string, RecordConfig> => {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    return left(`is not JSON (${error instanceof Error ? error.message : String(error)})`)
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return left('must hold a JSON object')
  const unknown = Object.keys(value).find((name) => !NAMES.includes(name))
  if (unknown !== undefined) return left(`holds "${unknown}", but only ${NAMES.join(', ')} are known`)
  const decoded = RecordConfig.decode(value)
  if (!isLeft(decoded)) return right(decoded.right)
  const name = decoded.left[0]?.context.find(({ key }) => key !== '')?.key ?? ''
  const expected =
    name === 'json' || name === 'standby' || name === 'take-over'
      ? 'true or false'
      : isList(name)
        ? 'a list of texts'
        : 'a text'
  return left(`holds "${name}", but not as ${expected}`)
}

const isList = (name: string): boolean => ['pairs', 'venue', 'endpoint', 'symbol', 'feed'].includes(name)
