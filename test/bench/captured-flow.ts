/** What real captures say of order flow: read from the folder of captures where there is one. */
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'

import { microsFromIso } from '../../src/index.ts'
import { readCapture } from '../support/captures.ts'
import type { LevelUpdate } from './flow-figures.ts'

/** The busiest ones, named. */
const BUSIEST = 3

type Json = Readonly<Record<string, unknown>>

/** Benchmarks run compiled, from the root of the project. */
export const FOLDER = process.env['BOOKREEL_CAPTURES'] ?? resolve('../shared/captures')

const framesOf = (capture: string): readonly { readonly time: number; readonly text: string }[] => {
  if (!existsSync(join(FOLDER, capture))) return []
  const { lines } = readCapture(FOLDER, capture)
  return lines.filter(({ dir }) => dir !== 'out').map(({ t: time, text }) => ({ time, text }))
}

const busiest = (
  updates: ReadonlyMap<string, LevelUpdate[]>,
): readonly (readonly [string, readonly LevelUpdate[]])[] =>
  [...updates].sort(([, one], [, other]) => other.length - one.length).slice(0, BUSIEST)

const addTo = (updates: Map<string, LevelUpdate[]>, name: string, update: LevelUpdate): void => {
  const known = updates.get(name)
  if (known === undefined) updates.set(name, [update])
  else known.push(update)
}

/** Messages of the fragment of `full`, by kind. */
export const fullMessages = (): ReadonlyMap<string, number> => {
  const kinds = new Map<string, number>()
  for (const { text } of framesOf('coinbase-full-2017-06-25')) {
    const { type, reason } = JSON.parse(text) as Readonly<Record<string, string>>
    if (type === undefined || type === 'heartbeat') continue
    const kind = reason === undefined ? type : `${type} ${reason}`
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1)
  }
  return kinds
}

/** Sizes of all orders near the best price of the real level-3 book. */
export const level3Rows = (): readonly string[] => {
  const [body] = framesOf('coinbase-rest-level3-2026-08-07')
  if (body === undefined) return []
  const { bids, asks } = JSON.parse(body.text) as Readonly<Record<string, [string, string, string][]>>
  return [...(bids ?? []).slice(0, 1000), ...(asks ?? []).slice(0, 1000)].map(([, size]) => size)
}

export const coinbaseUpdates = (): ReturnType<typeof busiest> => {
  const updates = new Map<string, LevelUpdate[]>()
  for (const { text } of framesOf('coinbase-level2-2021-04-17')) {
    const message = JSON.parse(text) as Json
    if (message['type'] !== 'l2update') continue
    const time = Number(microsFromIso(String(message['time'])) ?? NaN)
    for (const [side, price, size] of message['changes'] as [string, string, string][])
      addTo(updates, String(message['product_id']), {
        side,
        price: Math.round(Number(price) * 1e8),
        size,
        time,
      })
  }
  return busiest(updates)
}

/** Of Bitfinex, by receive time: its frames carry no other. */
export const bookUpdates = (): ReturnType<typeof busiest> => {
  const updates = new Map<string, LevelUpdate[]>()
  const channels = new Map<number, string>()
  for (const { time, text } of framesOf('bitfinex-book-p0-2021-04-17')) {
    const message = JSON.parse(text) as Json | unknown[]
    if (!Array.isArray(message)) {
      const { event, channel, chanId, symbol } = message
      if (event === 'subscribed' && channel === 'book') channels.set(Number(chanId), String(symbol))
      continue
    }
    const symbol = channels.get(Number(message[0]))
    const row: unknown = message[1]
    if (symbol === undefined || !Array.isArray(row) || typeof row[0] !== 'number') continue
    const [price, count, amount] = row as [number, number, number]
    const size = count === 0 ? '0' : String(Math.abs(amount))
    addTo(updates, symbol, { side: amount > 0 ? 'buy' : 'sell', price: Math.round(price * 1e8), size, time })
  }
  return busiest(updates)
}

/** Receive time less venue time of each level update, microseconds. */
export const coinbaseLags = (): readonly number[] => {
  const lags: number[] = []
  for (const { time, text } of framesOf('coinbase-level2-2021-04-17')) {
    const message = JSON.parse(text) as Json
    if (message['type'] === 'l2update')
      lags.push(time - Number(microsFromIso(String(message['time'])) ?? NaN))
  }
  return lags
}
