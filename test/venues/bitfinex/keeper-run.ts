/** Runs entries through the venue's decoder and a real book, with everything said on the way kept. */
import { Buffer } from 'node:buffer'

import { expect } from 'vitest'

import { EntryCursor } from '../../../src/log/entry.ts'
import { EventCollector, type MarketEvent } from '../../../src/market/event.ts'
import { BookKeeper } from '../../../src/replay/keeper/book-keeper.ts'
import { bitfinexVenue } from '../../../src/venues/bitfinex/venue.ts'
import type { FeedCommand } from '../../../src/venues/venue.ts'

export interface KeeperRun {
  readonly keeper: BookKeeper
  readonly events: readonly MarketEvent[]
  readonly commands: readonly FeedCommand[]
}

/** `isCut`: after every entry the state moves into a new keeper, which goes on. */
export const runKeeper = (records: Uint8Array, isCut = false): KeeperRun => {
  const listener = new EventCollector()
  const commands: FeedCommand[] = []
  const options = { listener, onCommand: (command: FeedCommand) => commands.push(command) }
  let keeper = new BookKeeper(bitfinexVenue, options)
  const cursor = new EntryCursor(records)
  while (cursor.next()) {
    keeper.apply(cursor)
    if (!isCut) continue
    const state = keeper.save()
    keeper = new BookKeeper(bitfinexVenue, options)
    keeper.restore(state)
    expect(Buffer.compare(keeper.save(), state)).toBe(0)
  }
  return { keeper, events: listener.take(), commands }
}

/** A keeper that is saved and restored after every entry says and holds what one says that is never stopped. */
export const expectSameAtEveryCut = (records: Uint8Array): void => {
  const whole = runKeeper(records)
  const cut = runKeeper(records, true)
  expect(whole.events.length).toBeGreaterThan(0)
  expect(cut.events).toEqual(whole.events)
  expect(cut.commands).toEqual(whole.commands)
  expect(Buffer.compare(cut.keeper.save(), whole.keeper.save())).toBe(0)
  expect(cut.keeper.digest()).toEqual(whole.keeper.digest())
}
