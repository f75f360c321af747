import { describe, expect, it } from 'vitest'

import { captureSource } from '../../../simulator/playback/frame-source.ts'
import { PlayControl } from '../../../simulator/playback/play-control.ts'
import { Timeline } from '../../../simulator/playback/timeline.ts'
import { EntryCursor } from '../../../src/log/entry.ts'
import { EntryScript } from '../../support/entries.ts'

const START = 1_700_000_000_000_000
const HOUR = 3_600_000_000

/** Three frames an hour apart. */
const cursors = (): readonly EntryCursor[] => {
  const script = new EntryScript().at(START)
  for (let frame = 0; frame < 3; frame++) script.frame({ frame }).after(HOUR)
  const records = script.records()
  return [1, 2, 3].map((count) => {
    const cursor = new EntryCursor(records)
    for (let entry = 0; entry < count; entry++) cursor.next()
    return cursor
  })
}

const source = captureSource('none')
const first = new EntryCursor(new EntryScript().at(START).frame({}).records())
first.next()

describe('the clock of a play', () => {
  it('begins with the first frame, holds the next back, lets all through at full speed', async () => {
    const [one = first, two = first, three = first] = cursors()
    const control = new PlayControl(1)
    const timeline = new Timeline(control)
    timeline.attach()
    expect([timeline.isDue(one, source), timeline.isDue(two, source)]).toEqual([true, false])
    const never = new AbortController()
    const waited = timeline.untilDue(two, source, never.signal)
    control.setSpeed('max')
    await waited
    expect([timeline.isDue(two, source), timeline.isDue(three, source)]).toEqual([true, true])
  })

  it('stands still while paused, and gives as many frames as it is granted', async () => {
    const [one = first, two = first, three = first] = cursors()
    const control = new PlayControl('max')
    const timeline = new Timeline(control)
    timeline.attach()
    control.pause()
    expect(timeline.isDue(one, source)).toBe(false)
    timeline.grant(2)
    for (const entry of [one, two]) {
      await timeline.untilDue(entry, source, new AbortController().signal)
      timeline.passed(entry)
    }
    expect(timeline.isDue(three, source)).toBe(false)
    const gone = new AbortController()
    const waited = timeline.untilDue(three, source, gone.signal)
    gone.abort()
    await waited
    expect(timeline.isDue(three, source)).toBe(false)
    control.resume()
    expect(timeline.isDue(three, source)).toBe(true)
  })

  it('does not run while nobody reads', () => {
    const control = new PlayControl(1e9)
    const timeline = new Timeline(control, START)
    expect(timeline.now()).toBe(START)
    timeline.attach()
    timeline.detach()
    const stopped = timeline.now()
    expect(timeline.now()).toBe(stopped)
  })
})
