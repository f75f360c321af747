/** What is derived over a hole in the log: the hole is marked, and nothing of it is filled from behind it. */
import { isLeft } from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'

import type { EventStore } from '../../../src/log/event-store.ts'
import { barsTo } from '../../../src/replay/derived/bars.ts'
import { booksTo } from '../../../src/replay/derived/books.ts'
import { levelChangesTo } from '../../../src/replay/derived/level-changes.ts'
import { type FlowSpan, orderFlowTo } from '../../../src/replay/derived/order-flow.ts'
import { visitAll } from '../../../src/replay/derived/visit-all.ts'
import { visit } from '../../../src/replay/visit.ts'
import { newMemoryStore } from '../../../src/storage/memory/memory-store.ts'
import { tombstoneOf } from '../../support/tombstones.ts'
import { toyManifest, toySnapshot, toyTime } from '../../support/toy-records.ts'
import { batchesOf, type ScriptEntry, sealAll, TOY } from '../../support/toy-script.ts'
import { toyVenue } from '../../support/toy-venue.ts'

const frame = (text: string): ScriptEntry => ({ kind: 'frame', text, pause: 1000 })

/** Entries 1 … 40, a millisecond apart; entries 21 … 30 are deleted, and a keyframe stands at entry 30 where wanted. */
const storeWithHole = async (hasKeyframe: boolean): Promise<EventStore> => {
  const script = [
    { kind: 'run-started', text: JSON.stringify(toyManifest), pause: 0 } as const,
    ...toySnapshot.map(frame),
    ...Array.from({ length: 33 }, (_, index) =>
      frame(`open n${String(index)} bid ${String(9000 + index)} 10`),
    ),
  ]
  const store = newMemoryStore()
  for (const { chunk, keyframes } of sealAll(batchesOf(script, [20, 10]), {
    entries: 5,
    entriesPerOrder: 0,
  })) {
    if (isLeft(await store.append(chunk)())) throw new Error('not appended')
    for (const keyframe of keyframes)
      if (hasKeyframe || keyframe.seq < 21) await store.putKeyframe(keyframe)()
  }
  const header = (await store.headers(TOY))[1]
  if (header === undefined) throw new Error('no second chunk')
  if (isLeft(await store.bury(tombstoneOf(header))())) throw new Error('not buried')
  return store
}

const MILLISECOND = 1000
/** When an entry of the script was received. */
const entryTime = (seq: number): number => toyTime(seq - 1)

describe.each([true, false])('over a hole (keyframe at its end: %s)', (hasKeyframe) => {
  it('has no book inside the hole, and the keyframe only behind it', async () => {
    const store = await storeWithHole(hasKeyframe)
    const books: [number, boolean][] = []
    const bars: [number, boolean][] = []
    const spans: Pick<FlowSpan, 'start' | 'end' | 'hasBook' | 'endedBy'>[] = []
    const changes: string[] = []
    await visit(
      store,
      { venueOf: () => toyVenue },
      visitAll([
        booksTo({ levels: 1, every: 2 * MILLISECOND }, ({ time, isValid }) => books.push([time, isValid])),
        barsTo({ by: 'time', every: 2 * MILLISECOND }, ({ end, isWhole }) => bars.push([end, isWhole])),
        orderFlowTo({}, ({ start, end, hasBook, endedBy }) => spans.push({ start, end, hasBook, endedBy })),
        levelChangesTo({
          began: ({ seq }) => changes.push(`began ${String(seq)}`),
          broke: ({ seq }, reason) => changes.push(`broke ${String(seq)} ${reason}`),
          changed: () => undefined,
        }),
      ]),
    )
    const isIn = (time: number): boolean => time >= entryTime(20) && time < entryTime(31)
    const isKnownAgain = (time: number): boolean => hasKeyframe && time >= entryTime(32)
    const inner = books.filter(([time]) => time > entryTime(8))
    expect(inner.filter(([time]) => isIn(time)).length).toBeGreaterThan(3)
    expect(inner.filter(([time]) => isKnownAgain(time)).length).toBe(hasKeyframe ? 4 : 0)
    for (const [time, isValid] of inner)
      if (isIn(time)) expect([time, isValid && time > entryTime(20)]).toEqual([time, false])
      else if (time < entryTime(20) || isKnownAgain(time)) expect([time, isValid]).toEqual([time, true])
    for (const [end, isWhole] of bars) if (isIn(end) && end > entryTime(20)) expect(isWhole).toBe(false)
    expect(changes.slice(0, 2)).toEqual(['began 7', 'broke 21 missing-entries'])
    expect(changes).toHaveLength(hasKeyframe ? 3 : 2)
    expect(spans.find(({ endedBy }) => endedBy === 'missing-entries')).toMatchObject({ end: entryTime(20) })
    expect(spans.some(({ start, hasBook }) => !hasBook && start === entryTime(20))).toBe(true)
    expect(spans.at(-1)?.hasBook).toBe(hasKeyframe)
  })
})
