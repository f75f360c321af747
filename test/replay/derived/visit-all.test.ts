import { describe, expect, it } from 'vitest'

import { EventCollector } from '../../../src/market/event.ts'
import { visitAll } from '../../../src/replay/derived/visit-all.ts'
import type { ReplayVisitor } from '../../../src/replay/stream-state.ts'
import { derivedRecords, visitFeed } from '../../support/derived-feeds.ts'

const records = (): Uint8Array => derivedRecords('level2_batch', 5)

class Noting implements ReplayVisitor {
  readonly notes: string[] = []
  readonly collector = new EventCollector()

  sinkOf(): EventCollector {
    this.notes.push('sink')
    return this.collector
  }

  entryBegins(): void {
    this.notes.push('begins')
  }

  entryEnded(): void {
    this.notes.push('ended')
  }

  transactionEnded(): void {
    this.notes.push('transaction')
  }

  replayEnded(): void {
    this.notes.push('over')
  }
}

describe('visitAll', () => {
  it('tells each of several what it tells one alone', async () => {
    const alone = new Noting()
    await visitFeed('level2_batch', records(), alone)
    const some = [new Noting(), new Noting(), new Noting()]
    await visitFeed('level2_batch', records(), visitAll(some))
    expect(new Set(alone.notes).size).toBe(5)
    const events = alone.collector.take()
    expect(events.length).toBeGreaterThan(100)
    for (const one of some) {
      expect(one.notes).toEqual(alone.notes)
      expect(one.collector.take()).toEqual(events)
    }
  })

  it('keeps the order of the list at each step', async () => {
    const order: string[] = []
    const visitor = (name: string): ReplayVisitor => ({
      entryEnded: () => {
        order.push(name)
      },
    })
    await visitFeed('level2_batch', records(), visitAll([visitor('first'), visitor('second')]))
    expect(order.length).toBeGreaterThan(50)
    expect(order.every((name, index) => name === (index % 2 === 0 ? 'first' : 'second'))).toBe(true)
  })

  it('is the visitor itself where there is one, and asks for nothing where nobody does', () => {
    const alone = new Noting()
    expect(visitAll([alone])).toBe(alone)
    expect(Object.values(visitAll([{}, {}])).every((call) => call === undefined)).toBe(true)
    expect(visitAll([])).toEqual({})
  })

  it('ends the replay for all with what one of them throws', async () => {
    let told = 0
    const visitors: readonly ReplayVisitor[] = [
      {
        entryEnded: ({ seq }) => {
          if (seq === 10) throw new Error('enough')
        },
      },
      {
        entryEnded: () => {
          told++
        },
      },
    ]
    await expect(visitFeed('level2_batch', records(), visitAll(visitors))).rejects.toThrow('enough')
    expect(told).toBe(9)
  })
})
