/** Coinbase's frames as a link spoils them: numbers per product, shared by all connections; ISO times. */
import { microsFromIso, microsOf, microsToIso } from '../../src/index.ts'
import { type FrameDialect, type VenueDialect, withField } from './frame-dialect.ts'

const FULL = ['received', 'open', 'done', 'match', 'change', 'activate']
const CHANNELS: ReadonlyMap<string, string> = new Map([
  ...FULL.map((type) => [type, 'full'] as const),
  ['last_match', 'matches'],
  ['snapshot', 'level2'],
  ['l2update', 'level2'],
  ['heartbeat', 'heartbeat'],
  ['ticker', 'ticker'],
  ['status', 'status'],
  ['level3', 'level3'],
])

const TYPE = /"type":"([^"]*)"/
const SEQUENCE = /"sequence":(\d+)/
const PRODUCT = /"product_id":"([^"]*)"/
/** A row of `level3`: type, product, number. */
const ROW = /^(\["[^"]*","([^"]*)",")(\d+)"/
const TIME = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g

const retimed = (text: string, microseconds: number): string =>
  text.replace(TIME, (time) => {
    const micros = microsFromIso(time)
    return micros === undefined ? time : microsToIso(microsOf(micros + microseconds))
  })

interface Numbered {
  readonly product: string
  readonly sequence: number
}

const countedFrom = (sequence: number, shift: number): number => Math.max(0, sequence - shift)

const productOf = (stream: string): string => stream.replace('coinbase:', '')

const numberedOf = (text: string): Numbered | undefined => {
  const row = ROW.exec(text)
  if (row !== null) return { product: row[2] ?? '', sequence: Number(row[3]) }
  const sequence = SEQUENCE.exec(text)?.[1]
  const product = PRODUCT.exec(text)?.[1]
  return sequence === undefined || product === undefined ? undefined : { product, sequence: Number(sequence) }
}

/** `shifts`: by product, what is taken from its numbers. */
const renumbered = (text: string, shifts: ReadonlyMap<string, number>): string => {
  if (shifts.size === 0) return text
  const numbered = numberedOf(text)
  const shift = numbered === undefined ? undefined : shifts.get(numbered.product)
  if (numbered === undefined || shift === undefined) return text
  const number = String(countedFrom(numbered.sequence, shift))
  return text.startsWith('[')
    ? text.replace(ROW, (_row, head: string) => `${head}${number}"`)
    : text.replace(SEQUENCE, `"sequence":${number}`)
}

const channelOf = (text: string): string =>
  text.startsWith('[') ? 'level3' : (CHANNELS.get(TYPE.exec(text)?.[1] ?? '') ?? 'control')

/** `latest`: by product that the connection has `full` or `level3` of, the newest number. */
const newFrames = (shifts: Map<string, number>, latest = new Map<string, number>()): FrameDialect => ({
  channelOf: (text) => {
    const channel = channelOf(text)
    const numbered = channel === 'full' || channel === 'level3' ? numberedOf(text) : undefined
    if (numbered === undefined) return channel
    // Before a match, `full` has told the order that took.
    if (text.includes('"type":"match"') && !latest.has(numbered.product)) return 'matches'
    latest.set(numbered.product, numbered.sequence)
    return channel
  },
  isAt: (stream, sequence) => latest.get(productOf(stream)) === sequence,
  toldNumber: (stream, sequence) => countedFrom(sequence, shifts.get(productOf(stream)) ?? 0),
  spoilChecksum: () => undefined,
  addField: (text) => (text.startsWith('[') ? `${text.slice(0, -1)},"simulated_extra"]` : withField(text)),
  canRestart: (text) => {
    const numbered = text.includes('"heartbeat"') ? undefined : numberedOf(text)
    return numbered !== undefined && countedFrom(numbered.sequence, shifts.get(numbered.product) ?? 0) > 1
  },
  restartNumbers: (text) => {
    const numbered = numberedOf(text)
    if (numbered !== undefined) shifts.set(numbered.product, numbered.sequence - 1)
  },
  renumbered: (text) => renumbered(text, shifts),
  retimed,
  unknownFrame: (padding) => JSON.stringify({ type: 'simulated_unknown', padding }),
  malformedFrame: '{"type":"open","sequence":',
})

export const coinbaseDialect = (): VenueDialect => {
  const shifts = new Map<string, number>()
  return {
    connected: () => newFrames(shifts),
    body: (path, text, microseconds) => {
      const shift = shifts.get(/\/products\/([^/?]+)/.exec(path)?.[1] ?? '')
      const timed = microseconds === 0 ? text : retimed(text, microseconds)
      if (shift === undefined) return timed
      return timed.replace(
        SEQUENCE,
        (_field, number: string) => `"sequence":${String(countedFrom(Number(number), shift))}`,
      )
    },
  }
}
