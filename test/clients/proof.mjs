/** Lets a client read a simulated venue, stops the flow, and compares the client's book with the engine's. */
import { setTimeout as sleep } from 'node:timers/promises'

import { startVenue } from './simulated-venue.mjs'

/** Updates a client must have told of before the flow is stopped, and checksums where it verifies some. */
const ENOUGH_UPDATES = 500
const ENOUGH_CHECKSUMS = 2
const START_LIMIT = 60_000
/** What is on its way when the flow stops has this long to arrive. */
const QUIET_LIMIT = 4000
const POLL = 50

const numberText = (value) => String(Number(value))
const textOf = ({ price, size, id }) =>
  [numberText(price), numberText(size), ...(id === undefined ? [] : [String(id)])].join(' ')

/** Sums rows by price, exactly: sizes have at most eight decimals. */
const byPrice = (rows) => {
  const sizes = new Map()
  for (const { price, size } of rows) {
    const [whole, decimals = ''] = size.split('.')
    sizes.set(price, (sizes.get(price) ?? 0n) + BigInt(whole + decimals.padEnd(8, '0')))
  }
  return Array.from(sizes, ([price, size]) => ({
    price,
    size: `${size / 100_000_000n}.${String(size % 100_000_000n).padStart(8, '0')}`,
  }))
}

const withoutId = (rows) => rows.map(({ price, size }) => ({ price, size }))

/** What is compared: `orders` one by one in their order, `levels` the totals of each price, `rows` as the venue has them. */
const EXPECTED = { orders: (rows) => rows, levels: byPrice, rows: withoutId }

/** The first difference: a sentence, and the ids of the rows there. Undefined when there is none. */
const differenceOf = (expected, found) => {
  for (const side of ['bids', 'asks']) {
    const ours = expected[side].map(textOf)
    const theirs = found[side].map(textOf)
    const at = ours.findIndex((text, index) => text !== theirs[index])
    const ids = [expected[side][at]?.id, found[side][at]?.id]
    if (at >= 0)
      return {
        text: `${side} differ from row ${at + 1}: engine ${ours[at]}, client ${theirs[at] ?? 'nothing'}`,
        ids,
      }
    if (theirs.length > ours.length)
      return { text: `the client has ${theirs.length - ours.length} ${side} too many`, ids }
  }
  return undefined
}

const until = async (condition, limit) => {
  const end = performance.now() + limit
  while (performance.now() < end) {
    if (await condition()) return true
    await sleep(POLL)
  }
  return false
}

/**
 * Runs one proof and prints its result as a line of JSON. `connect(venue, note)` starts the client and returns functions:
 * `book` (`{ bids, asks }` of `{ price, size, id? }`, best first), `updates` and `checksums?` (counts), `defect?` (given
 * the ids of rows that differ: which known defect of the client that is, if any) and `close?`. `note.problem(text)` is for
 * what the client itself complains of.
 */
export const prove = async (
  { client, venue, reads, compare, flow = [], enough = ENOUGH_UPDATES },
  connect,
) => {
  const problems = []
  const note = { problem: (text) => problems.push(String(text)) }
  // A client that throws in its own callbacks ends here, as it would end its user's program.
  process.on('uncaughtException', (error) => note.problem(`it threw: ${error.stack.split('\n')[0]}`))
  process.on('unhandledRejection', (error) => note.problem(`it rejected: ${error?.message ?? error}`))
  const figures = { updates: 0, checksums: undefined, rows: 0 }
  let simulated
  let difference
  let defect
  try {
    simulated = await startVenue(venue, flow)
    void simulated.ended.then(() => note.problem('the simulator ended'))
    const reader = await connect(simulated, note)
    const count = () => {
      figures.updates = reader.updates()
      figures.checksums = reader.checksums?.()
      return figures
    }
    const isReady = () => {
      const { updates, checksums = ENOUGH_CHECKSUMS } = count()
      return problems.length > 0 || (updates >= enough && checksums >= ENOUGH_CHECKSUMS)
    }
    if (!(await until(isReady, START_LIMIT)))
      note.problem(`it told of only ${figures.updates} updates in ${START_LIMIT / 1000} s`)
    await simulated.stopFlow()
    const isEqual = async () => {
      const { bids, asks } = await simulated.rows()
      const expected = { bids: EXPECTED[compare](bids), asks: EXPECTED[compare](asks) }
      figures.rows = expected.bids.length + expected.asks.length
      difference = differenceOf(expected, reader.book())
      return difference === undefined || problems.length > 0
    }
    await until(isEqual, QUIET_LIMIT)
    count()
    if (difference !== undefined || problems.length > 0) defect = reader.defect?.(difference?.ids ?? [])
    await reader.close?.()
  } catch (error) {
    note.problem(error?.message ?? error)
  }
  // Its first complaint: what comes after it follows from it.
  const reason = problems[0] ?? difference?.text
  await simulated?.stop()
  const result = { client, venue, reads, works: reason === undefined, reason, defect, ...figures }
  process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(0))
}
