/**
 * What a recorder would have written of the simulated venues, entry by entry, in the flow's own time: a day of it is there
 * in seconds. The same options give the same entries on any machine. Owns the conversation with each venue, its
 * interruptions and the delay on the way; storing is store-feed.mjs's.
 */
import { EventEmitter } from 'node:events'

import { Rng, seedFor } from '../../dist/simulator/engine/random.js'
import { newMarket } from '../../dist/simulator/new-market.js'
import { BitfinexHall } from '../../dist/simulator/venues/bitfinex-hall.js'
import { CoinbaseRenderer } from '../../dist/simulator/venues/coinbase-render.js'
import { encodeResponse, EntryWriter } from '../../dist/src/index.js'

const SECOND = 1_000_000
/** Microseconds from the connection to the first book by REST, and from a loss to the next book. */
const BOOK_AFTER = 1.5 * SECOND

/** Entries one behind the other, stamped with a delay of at least `base` microseconds and a long tail. */
class Journal {
  constructor(seed, base) {
    this.writer = new EntryWriter(64 * 1024 * 1024)
    this.random = new Rng(seed)
    this.base = base
    this.seq = 0
    this.receiveTime = 0
    this.venueTime = 0
  }

  /** What follows was sent by the venue then. */
  at(venueTime) {
    if (venueTime === this.venueTime) return
    this.venueTime = venueTime
    const arrival = venueTime + this.base + this.random.exponential(2500)
    this.receiveTime = Math.max(this.receiveTime, arrival)
  }

  add(kind, connection, content) {
    const payload = typeof content === 'string' ? Buffer.from(content) : content
    this.writer.append(kind, ++this.seq, this.receiveTime, connection, payload)
  }

  note(kind, connection, value) {
    this.add(kind, connection, JSON.stringify(value))
  }

  begin({ venue, pair }, symbol, feed) {
    this.note('run-started', 0, {
      ...{ software: 'simulated', stream: `${venue}:${pair}`, venue, pair, symbol, feed },
      ...{ mode: 'full', assumeEmptyBook: false },
    })
  }

  get entries() {
    return this.writer.entryCount
  }

  take() {
    return this.writer.take() ?? new Uint8Array(0)
  }
}

/** Calls `steps.step` until the flow's end, and the interruptions when their time has come; yields full batches. */
function* run(market, journal, { startTime, seconds, interruptions = [], batch }, link) {
  const { flow } = market.running
  const plan = interruptions.flatMap(({ at, lasts, kind }) => [
    [at, () => (kind === 'lost-frame' ? link.loseFrame() : link.close())],
    ...(kind === 'lost-frame' ? [] : [[at + lasts, () => link.open()]]),
  ])
  link.open()
  const end = startTime + seconds * SECOND
  while (flow.time < end) {
    while (plan.length > 0 && flow.time >= startTime + plan[0][0] * SECOND) {
      journal.at(Math.max(journal.venueTime, flow.time))
      plan.shift()[1]()
    }
    flow.step()
    link.stepped()
    if (journal.entries >= batch) yield journal.take()
  }
  link.close('shutdown')
  journal.note('run-ended', 0, { cause: 'stopped' })
  yield journal.take()
}

const closing = (cause = 'remote') => ({ cause, code: cause === 'remote' ? 1006 : 1000, reason: '' })

/** Coinbase `full`: every order, and books by REST. `options`: see make-data.mjs. */
export function* coinbaseFeed(options) {
  const { pair, seed } = options
  const journal = new Journal(seedFor(seed, `coinbase:${pair}:way`), 12_000)
  const market = newMarket({ lag: 0, ...options, venue: 'coinbase' })
  const { engine } = market.running
  const render = new CoinbaseRenderer(market.market)
  const url = `http://127.0.0.1/products/${pair}/book?level=3`
  let connection = 0
  let isOpen = false
  let losesNext = false
  let bookAt = Infinity
  engine.subscribe((event) => {
    if (isOpen && !losesNext) {
      journal.at(event.time)
      journal.add('frame', connection, render.full(event))
    }
    if (isOpen && losesNext) bookAt = event.time + BOOK_AFTER
    losesNext &&= !isOpen
    render.follow(event)
  })
  const rows = (side) =>
    engine.orders(side).map(({ price, size, id }) => [render.price(price), render.size(size), render.id(id)])
  const answer = () => {
    const body = { sequence: engine.lastNumber, bids: rows('buy'), asks: rows('sell'), auction_mode: false }
    return encodeResponse({ method: 'GET', url, status: 200, body: Buffer.from(JSON.stringify(body)) })
  }
  journal.at(options.startTime)
  journal.begin({ venue: 'coinbase', pair }, pair, 'full')
  yield* run(market, journal, options, {
    open: () => {
      connection++
      isOpen = true
      journal.note('opened', connection, { url: 'ws://127.0.0.1' })
      journal.note('sent', connection, { type: 'subscribe', product_ids: [pair], channels: ['full'] })
      bookAt = journal.venueTime + BOOK_AFTER
    },
    close: (cause) => {
      isOpen = false
      bookAt = Infinity
      journal.note('closed', connection, closing(cause))
    },
    loseFrame: () => (losesNext = true),
    stepped: () => {
      if (engine.lastTime < bookAt || !isOpen) return
      journal.at(engine.lastTime)
      journal.add('response', 0, answer())
      bookAt = Infinity
    },
  })
}

/** A client without a network: keeps what the venue sends it. */
const newClient = () => {
  const events = new EventEmitter()
  const sent = []
  const socket = {
    ...{ OPEN: 1, readyState: 1, bufferedAmount: 0 },
    on: (name, listener) => void events.on(name, listener),
    send: (text) => void sent.push(text),
    ...{ close: () => undefined, pause: () => undefined, terminate: () => undefined },
  }
  const wire = { cork: () => undefined, uncork: () => undefined }
  return {
    connection: { socket, wire, path: '/', address: '127.0.0.1' },
    sent,
    say: (text) => void events.emit('message', Buffer.from(text), false),
    leave: () => {
      socket.readyState = 3
      events.emit('close')
    },
  }
}

/** Timestamps, sequence numbers, checksums. */
const BITFINEX_FLAGS = 32_768 + 65_536 + 131_072

/** Bitfinex `R0` and trades, in bursts of 200 ms. `options`: see make-data.mjs. */
export function* bitfinexFeed(options) {
  const { pair, seed } = options
  const journal = new Journal(seedFor(seed, `bitfinex:${pair}:way`), 21_000)
  const market = newMarket({ lag: 0, ...options, venue: 'bitfinex' })
  const { engine } = market.running
  const symbol = `t${pair.replace('-', '')}`
  const hall = new BitfinexHall({
    ...{ markets: [market.market], now: () => engine.lastTime, limits: undefined, quirks: undefined },
    ...{ channelLimit: 25, heartbeat: 15_000, patience: 60_000 },
    rhythm: { milliseconds: 200, events: Infinity },
  })
  let connection = 0
  let client
  let losesNext = false
  let reopensAt = Infinity
  const takeAll = () => {
    for (const text of client?.sent.splice(0) ?? []) {
      // Only a frame of numbers can be missed: an event such as an acknowledgement is none.
      const isLost = losesNext && text.startsWith('[')
      if (isLost) {
        losesNext = false
        reopensAt = engine.lastTime + BOOK_AFTER
      } else {
        journal.at(engine.lastTime)
        journal.add('frame', connection, text)
      }
    }
  }
  const open = () => {
    connection++
    client = newClient()
    journal.note('opened', connection, { url: 'ws://127.0.0.1' })
    hall.welcome(client.connection)
    const requests = [
      { event: 'conf', flags: BITFINEX_FLAGS },
      { event: 'subscribe', channel: 'book', symbol, prec: 'R0', freq: 'F0', len: '250' },
      { event: 'subscribe', channel: 'trades', symbol },
    ]
    for (const request of requests) {
      takeAll()
      const text = JSON.stringify(request)
      journal.add('sent', connection, text)
      client.say(text)
    }
  }
  const close = (cause) => {
    journal.note('closed', connection, closing(cause))
    client.leave()
    client = undefined
  }
  journal.at(options.startTime)
  journal.begin({ venue: 'bitfinex', pair }, symbol, 'R0')
  yield* run(market, journal, options, {
    open,
    close,
    loseFrame: () => (losesNext = true),
    stepped: () => {
      hall.tick()
      takeAll()
      if (engine.lastTime < reopensAt) return
      reopensAt = Infinity
      journal.at(engine.lastTime)
      close('requested')
      open()
    },
  })
}
