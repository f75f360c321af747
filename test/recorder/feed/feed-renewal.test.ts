import { beforeEach, describe, expect, it } from 'vitest'

import { FeedRig as Rig } from '../../support/feed-rig.ts'

describe('Feed whose connections are renewed', () => {
  const AGE = 1_000_000
  let rig: Rig
  beforeEach(() => {
    rig = new Rig({ silenceLimit: 10 * AGE }, AGE)
    rig.feed.start()
    rig.peer.handlers.onOpen()
    rig.feed.noteStarted(5)
  })

  it('has the new one up and delivering before the old one says goodbye', async () => {
    // The jitter is at its least: a tenth early.
    rig.scheduler.pass(0.9 * AGE)
    expect(rig.peers.length).toBe(2)
    rig.peer.handlers.onOpen()
    rig.feed.noteStarted(6)
    rig.scheduler.pass(19_999)
    expect(rig.peers.map(({ state }) => state)).toEqual(['open', 'open'])
    rig.scheduler.pass(1)
    expect(rig.peers.map(({ state }) => state)).toEqual(['closing', 'open'])
    rig.peers[0]?.handlers.onMessage(Buffer.from('still on the way'), false, rig.scheduler.now())
    rig.peers[0]?.handlers.onClose(1000, '')
    await new Promise(setImmediate)
    expect(rig.written()).toEqual([
      'opened@5 {"url":"ws://venue"}',
      'sent@5 hello ***',
      'opened@6 {"url":"ws://venue"}',
      'sent@6 hello ***',
      'frame@5 still on the way',
      'closed@5 {"cause":"requested","code":1000,"reason":"renewed"}',
    ])
    expect(rig.reports.at(-1)).toEqual({ kind: 'renewed', open: 1 })
    // And so on, with the one that took its place.
    rig.scheduler.pass(AGE)
    expect(rig.peers.length).toBe(3)
    await Promise.all([rig.feed.stop(), Promise.resolve(rig.scheduler.pass(5000))])
  })

  it('keeps the old one where the new one does not deliver, and tries again later', async () => {
    rig.scheduler.pass(0.9 * AGE)
    rig.peer.handlers.onOpen()
    rig.scheduler.pass(120_000)
    expect(rig.peers.map(({ state }) => state)).toEqual(['open', 'closing'])
    rig.peer.handlers.onClose(1000, '')
    await new Promise(setImmediate)
    rig.frame('ignored, its connection is over')
    rig.peers[0]?.handlers.onMessage(Buffer.from('still here'), false, rig.scheduler.now())
    expect(rig.written().at(-1)).toBe('frame@5 still here')
    rig.scheduler.pass(540_000)
    expect(rig.peers.length).toBe(3)
  })

  it('has the new one in the place of an old one that is gone before it is there', async () => {
    rig.scheduler.pass(0.9 * AGE)
    rig.peers[0]?.handlers.onClose(1006, '')
    rig.scheduler.pass(5000)
    // It connects again by itself, as any other.
    rig.peer.handlers.onClose(1006, '')
    rig.scheduler.pass(1000)
    expect(rig.peers.length).toBe(3)
    rig.peer.handlers.onOpen()
    rig.feed.noteStarted(7)
    rig.scheduler.pass(0.5 * AGE)
    await new Promise(setImmediate)
    expect(rig.peers.map(({ state }) => state)).toEqual(['terminated', 'terminated', 'open'])
    expect(rig.reports.map(({ kind }) => kind)).not.toContain('renewed')
  })

  it('renews one that its venue is about to end, at any age', async () => {
    rig.feed.handle({ kind: 'renew', connection: 4 })
    expect(rig.peers.length).toBe(1)
    rig.feed.handle({ kind: 'renew', connection: 5 })
    rig.feed.handle({ kind: 'renew', connection: 5 })
    expect(rig.peers.map(({ state }) => state)).toEqual(['open', 'open'])
    rig.peer.handlers.onOpen()
    rig.feed.noteStarted(6)
    // The new one is told the same before the old one is gone.
    rig.feed.handle({ kind: 'renew', connection: 6 })
    rig.scheduler.pass(20_000)
    rig.peers[0]?.handlers.onClose(1000, '')
    await new Promise(setImmediate)
    expect(rig.peers.map(({ state }) => state)).toEqual(['terminated', 'open', 'open'])
  })

  it('stops in the middle of it', async () => {
    rig.scheduler.pass(0.9 * AGE)
    rig.peer.handlers.onOpen()
    rig.feed.noteStarted(6)
    const stopped = rig.feed.stop()
    for (const { handlers } of rig.peers) handlers.onClose(1000, '')
    await stopped
    rig.scheduler.pass(2 * AGE)
    expect(rig.peers.length).toBe(2)
    expect(rig.lines.at(-1)).toBe('run-ended@0 {"cause":"stopped"}')
  })
})
