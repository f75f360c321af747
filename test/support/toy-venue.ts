/**
 * A venue whose frames are orders in plain words, for testing what stands behind every venue:
 * `snapshot`, `open ID SIDE PRICE SIZE`, `reduce ID BY`, `remove ID`, `end`, `gap`, `valid`; anything else is not understood.
 */
import { right } from 'fp-ts/lib/Either.js'

import type { EntryView } from '../../src/log/entry.ts'
import { OrderIds } from '../../src/market/order-ids.ts'
import { priceOf, sizeOf } from '../../src/market/price.ts'
import { StateReader, StateWriter } from '../../src/market/state-bytes.ts'
import type { Decoder, DecoderSink, Venue } from '../../src/venues/venue.ts'

const newToyDecoder = (): Decoder => {
  const ids = new OrderIds()
  let isValid = false
  const handlers: Record<string, (words: readonly string[], sink: DecoderSink) => void> = {
    snapshot: (_words, sink) => {
      ids.clear()
      sink.instrument(2, 3)
      sink.bookStarted('orders', true)
    },
    valid: (_words, sink) => {
      isValid = true
      sink.bookValid(true)
    },
    open: ([id = '', side, price, size], sink) => {
      sink.orderOpened(
        ids.add(id),
        side === 'bid' ? 'bid' : 'ask',
        priceOf(Number(price)),
        sizeOf(Number(size)),
        0,
      )
    },
    reduce: ([id = '', by], sink) => {
      sink.traded(undefined, priceOf(1), sizeOf(Number(by)), 'unknown', ids.find(id))
      sink.orderReduced(ids.find(id), sizeOf(Number(by)))
    },
    remove: ([id = ''], sink) => {
      if (!isValid) return
      const order = ids.find(id)
      sink.orderRemoved(order, 'canceled')
      ids.release(order)
    },
    end: (_words, sink) => sink.transactionEnded(),
    gap: (_words, sink) => {
      isValid = false
      sink.bookInvalid('venue-sequence')
      sink.gap({ cause: 'venue-sequence', expected: '7', found: '9' })
    },
  }
  return {
    decode: (entry: EntryView, sink) => {
      if (entry.kind === 'run-started') {
        ids.clear()
        isValid = false
      }
      if (entry.kind === 'closed') {
        isValid = false
        sink.bookInvalid('disconnect')
      }
      if (entry.kind !== 'frame') return
      const [word = '', ...words] = entry.text().split(' ')
      const handler = Object.hasOwn(handlers, word) ? handlers[word] : undefined
      if (handler === undefined) sink.undecoded(`word:${word}`)
      else handler(words, sink)
    },
    reject: (reason, detail, sink) => {
      isValid = false
      sink.bookInvalid(reason)
      sink.gap({ cause: reason === 'crossed' ? 'crossed' : 'contradiction', expected: '', found: detail })
    },
    save: () => {
      const writer = new StateWriter()
      writer.bool(isValid)
      ids.save(writer)
      return writer.finish()
    },
    restore: (state) => {
      const reader = new StateReader(state)
      isValid = reader.bool()
      ids.restore(reader)
    },
    orderId: (order) => ids.text(order),
    isMidTransaction: () => false,
  }
}

/** See the file's head for its frames. */
export const toyVenue: Venue = {
  id: 'toy',
  name: 'Toy',
  decoderVersion: 1,
  endpoints: { ws: 'ws://127.0.0.1:1', rest: 'http://127.0.0.1:1' },
  feeds: ['words'],
  credentialVariables: [],
  silenceLimit: 1000,
  connectLimit: { most: 60, milliseconds: 60_000 },
  requestLimit: { most: 60, milliseconds: 60_000 },
  offersCompression: false,
  symbolOf: (pair) => pair,
  pairOf: (pair) => pair,
  credentialsFrom: () => right(undefined),
  chooseFeed: () => right({ feed: 'words', notice: undefined }),
  openingFrames: () => [],
  pairList: { path: '/pairs', read: () => undefined },
  openingRequests: () => [],
  requestHeaders: () => ({}),
  newDecoder: newToyDecoder,
}
