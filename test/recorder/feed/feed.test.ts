import { beforeEach, describe, expect, it, vi } from 'vitest'

import { FeedRig as Rig, SECRET } from '../../support/feed-rig.ts'

describe('Feed', () => {
  let rig: Rig
  beforeEach(() => {
    rig = new Rig()
    rig.feed.start()
    rig.peer.handlers.onOpen()
  })

  it('writes what it opens, sends and receives, and never a secret', () => {
    rig.frame('data')
    expect(rig.peer.sent).toEqual([`hello ${SECRET}`])
    expect(rig.written()).toEqual(['opened@5 {"url":"ws://venue"}', 'sent@5 hello ***', 'frame@5 data'])
  })

  it('connects again after the venue closed, slower each time, and fast again once it delivers', () => {
    rig.peer.handlers.onClose(1006, '')
    expect(rig.peers.length).toBe(1)
    rig.scheduler.pass(500)
    expect(rig.peers.length).toBe(2)
    rig.peer.handlers.onClose(1006, 'connect ECONNREFUSED')
    rig.scheduler.pass(999)
    expect(rig.peers.length).toBe(2)
    rig.scheduler.pass(1)
    expect(rig.peers.length).toBe(3)
    rig.peer.handlers.onOpen()
    rig.feed.noteStarted(7)
    rig.peer.handlers.onClose(1012, 'restart')
    expect(rig.reports.at(-1)).toEqual({
      kind: 'closed',
      cause: 'remote',
      code: 1012,
      detail: 'restart',
      retryIn: 500,
      open: 0,
    })
    const written = rig.written()
    expect(written).toContain('closed@6 {"cause":"failed","code":1006,"reason":"connect ECONNREFUSED"}')
    expect(written.at(-1)).toBe('closed@7 {"cause":"remote","code":1012,"reason":"restart"}')
  })

  it('opens a connection when it is granted, and none that it does not want any more', async () => {
    const asked: (() => void)[] = []
    rig.mayConnect = (granted) => asked.push(granted)
    rig.peer.handlers.onClose(1006, '')
    rig.scheduler.pass(60_000)
    expect([asked.length, rig.peers.length]).toEqual([1, 1])
    asked.shift()?.()
    expect(rig.peers.length).toBe(2)
    rig.peer.handlers.onClose(1006, '')
    rig.scheduler.pass(60_000)
    await rig.feed.stop()
    asked.shift()?.()
    expect(rig.peers.length).toBe(2)
  })

  it('gives a silent connection up, and not one that speaks', () => {
    for (let beat = 0; beat < 20; beat++) {
      rig.scheduler.pass(1500)
      rig.frame('beat')
    }
    expect(rig.peer.state).toBe('open')
    rig.scheduler.pass(5000)
    expect(rig.peers[0]?.state).toBe('terminated')
    expect(rig.written()).toContain('closed@5 {"cause":"silence","code":1006,"reason":""}')
    rig.scheduler.pass(500)
    expect(rig.peers.length).toBe(2)
  })

  it('does what the decoder asks, on the connection it meant', () => {
    const frame = { text: 'again', stored: 'again' }
    rig.feed.handle({ kind: 'send', connection: 4, frame })
    rig.feed.handle({ kind: 'send', connection: 5, frame })
    rig.feed.handle({ kind: 'timer', timer: 'late', delay: 100 })
    rig.feed.handle({ kind: 'timer', timer: 'late', delay: 300 })
    rig.feed.handle({ kind: 'reconnect', connection: 3, cause: 'resubscribe', delay: 0 })
    expect(rig.peer.sent).toEqual([`hello ${SECRET}`, 'again'])
    rig.scheduler.pass(200)
    expect(rig.written().filter((line) => line.startsWith('timer'))).toEqual([])
    rig.scheduler.pass(100)
    expect(rig.written()).toEqual(['timer@0 {"timer":"late"}'])
    rig.feed.handle({ kind: 'reconnect', connection: 5, cause: 'maintenance', delay: 9000 })
    expect(rig.peer.state).toBe('terminated')
    rig.scheduler.pass(8970)
    expect(rig.peers.length).toBe(1)
    rig.scheduler.pass(30)
    expect(rig.peers.length).toBe(2)
  })

  it('asks one request of a purpose at a time, the newest of those that wait', async () => {
    const request = (path: string, delay: number) => {
      rig.feed.handle({ kind: 'request', purpose: 'book', path, delay })
    }
    request('/old', 100)
    request('/new', 100)
    rig.scheduler.pass(100)
    expect(rig.asked.map(({ url }) => url)).toEqual(['http://venue/new'])
    request('/next', 0)
    rig.scheduler.pass(1)
    expect(rig.asked.length).toBe(1)
    rig.asked[0]?.answer({ status: 429, body: Buffer.from('slow down') })
    await new Promise(setImmediate)
    expect(rig.asked.map(({ url }) => url)).toEqual(['http://venue/new', 'http://venue/next'])
    expect(rig.written()).toContain(
      'response@0 {"method":"GET","url":"http://venue/new","status":429}\nslow down',
    )
    expect(rig.reports.at(-1)).toMatchObject({ kind: 'request-failed', status: 429 })
  })

  it('asks when it is granted, and not once it was stopped', async () => {
    const asked: (() => void)[] = []
    rig = new Rig({}, 0, (granted) => asked.push(granted))
    rig.feed.start()
    rig.peer.handlers.onOpen()
    for (const purpose of ['one', 'other'])
      rig.feed.handle({ kind: 'request', purpose, path: `/${purpose}`, delay: 0 })
    rig.scheduler.pass(1)
    expect([asked.length, rig.asked.length]).toEqual([2, 0])
    asked[0]?.()
    await new Promise(setImmediate)
    expect(rig.asked.map(({ url }) => url)).toEqual(['http://venue/one'])
    const stopped = rig.feed.stop()
    rig.peer.handlers.onClose(1000, '')
    await stopped
    asked[1]?.()
    await new Promise(setImmediate)
    expect(rig.asked.length).toBe(1)
  })

  it('says once that the venue refuses, without the secret, and retries slowly', () => {
    rig.feed.handle({ kind: 'refused', connection: 5, text: `bad key ${SECRET}` })
    rig.scheduler.pass(4999)
    expect(rig.peers.length).toBe(1)
    rig.scheduler.pass(1)
    rig.peer.handlers.onOpen()
    rig.feed.handle({ kind: 'refused', connection: 6, text: `bad key ${SECRET}` })
    rig.scheduler.pass(9999)
    expect(rig.peers.length).toBe(2)
    expect(rig.reports.filter(({ kind }) => kind === 'refused')).toEqual([
      { kind: 'refused', text: 'bad key ***', open: 0 },
    ])
    expect(JSON.stringify([rig.reports, rig.written()])).not.toContain(SECRET)
  })

  it('tries a product that is gone more slowly still, and fast again once it delivers', () => {
    const gone = { kind: 'refused', text: 'AB is delisted', isGone: true } as const
    for (const [attempt, delay] of [30_000, 60_000, 120_000, 240_000, 450_000, 450_000].entries()) {
      rig.feed.handle({ ...gone, connection: 5 + attempt })
      rig.scheduler.pass(delay - 1)
      expect(rig.peers.length).toBe(1 + attempt)
      rig.scheduler.pass(1)
      expect(rig.peers.length).toBe(2 + attempt)
      rig.peer.handlers.onOpen()
    }
    rig.feed.noteStarted(11)
    rig.feed.handle({ ...gone, connection: 11 })
    rig.scheduler.pass(30_000)
    expect(rig.peers.length).toBe(8)
  })

  it('writes an answer in shared memory as any other, around its body', async () => {
    const body = new Uint8Array(new SharedArrayBuffer(2000), 1000)
    body.fill(120)
    const tight = new Uint8Array(new SharedArrayBuffer(12), 8)
    tight.fill(121)
    for (const [path, answer] of [
      ['/wide', body],
      ['/tight', tight],
    ] as const) {
      rig.feed.handle({ kind: 'request', purpose: path, path, delay: 0 })
      rig.scheduler.pass(0)
      rig.asked.at(-1)?.answer({ status: 200, body: answer })
      await Promise.resolve()
    }
    await vi.waitFor(() => {
      expect(rig.lines.length).toBeGreaterThan(3)
    })
    expect(rig.written().slice(2)).toEqual([
      `response@0 {"method":"GET","url":"http://venue/wide","status":200}\n${'x'.repeat(1000)}`,
      `response@0 {"method":"GET","url":"http://venue/tight","status":200}\nyyyy`,
    ])
  })

  it('says once why a request fails, again when the reason changes, and never a piece of a secret', async () => {
    const answers = [
      { status: 401, body: `invalid ${SECRET}` },
      { status: 401, body: `invalid ${SECRET}` },
      { status: 403, body: `${'x'.repeat(195)}${SECRET}` },
      { status: 200, body: '{}' },
      { status: 401, body: `invalid ${SECRET}` },
    ]
    for (const { status, body } of answers) {
      rig.feed.handle({ kind: 'request', purpose: 'book', path: '/book', delay: 0 })
      rig.scheduler.pass(1)
      rig.asked.shift()?.answer({ status, body: Buffer.from(body) })
      await new Promise(setImmediate)
    }
    const failed = { kind: 'request-failed', url: 'http://venue/book' }
    expect(rig.reports.filter(({ kind }) => kind === 'request-failed')).toEqual([
      { ...failed, status: 401, detail: 'invalid ***' },
      { ...failed, status: 403, detail: `${'x'.repeat(195)}***` },
      { ...failed, status: 401, detail: 'invalid ***' },
    ])
    expect(rig.written().filter((line) => line.startsWith('response')).length).toBe(answers.length)
  })

  it('keeps what still comes while it says goodbye, and ends the run last', async () => {
    const stopped = rig.feed.stop()
    expect(rig.peer.state).toBe('closing')
    rig.frame('late')
    rig.peer.handlers.onClose(1000, '')
    await stopped
    expect(rig.lines.slice(-3)).toEqual([
      'frame@5 late',
      'closed@5 {"cause":"shutdown","code":1000,"reason":""}',
      'run-ended@0 {"cause":"stopped"}',
    ])
    rig.scheduler.pass(120_000)
    expect(rig.peers.length).toBe(1)
  })

  it('does not wait for ever for a peer that does not say goodbye', async () => {
    const stopped = rig.feed.stop()
    rig.scheduler.pass(2000)
    await stopped
    expect(rig.peer.state).toBe('terminated')
    expect(rig.lines.at(-1)).toBe('run-ended@0 {"cause":"stopped"}')
  })
})

describe('Feed at the start of a run', () => {
  it('asks for the product list first and connects when it is there', async () => {
    const rig = new Rig({ openingRequests: () => ['/products'] })
    rig.feed.start()
    expect(rig.peers.length).toBe(0)
    rig.asked[0]?.answer({ status: 200, body: Buffer.from('[]') })
    await new Promise(setImmediate)
    expect(rig.peers.length).toBe(1)
    expect(rig.written()).toEqual([
      'response@0 {"method":"GET","url":"http://venue/products","status":200}\n[]',
    ])
  })

  it('does not wait for a product list that does not come', () => {
    const rig = new Rig({ openingRequests: () => ['/products'] })
    rig.feed.start()
    rig.scheduler.pass(5000)
    expect(rig.peers.length).toBe(1)
  })

  it('connects no more once it was stopped, and writes nothing behind the end of the run', async () => {
    const rig = new Rig({ openingRequests: () => ['/products'] })
    rig.feed.start()
    await rig.feed.stop()
    rig.asked[0]?.answer({ status: 200, body: Buffer.from('[]') })
    await new Promise(setImmediate)
    rig.scheduler.pass(5000)
    expect(rig.peers.length).toBe(0)
    expect(rig.lines.at(-1)).toBe('run-ended@0 {"cause":"stopped"}')
  })
})

describe('Feed while a product is recorded', () => {
  it('asks for it again and again, and no more once it was stopped', async () => {
    const rig = new Rig({ productRefresh: { path: ({ symbol }) => `/of/${symbol}`, interval: 1000 } })
    rig.feed.start()
    rig.peer.handlers.onOpen()
    for (let round = 1; round <= 3; round++) {
      // The jitter is at its least: a fifth early.
      for (let step = 0; step < 8; step++) {
        rig.scheduler.pass(100)
        rig.frame('beat')
      }
      rig.scheduler.pass(1)
      expect(rig.asked.length).toBe(1)
      rig.asked.shift()?.answer({ status: 200, body: Buffer.from('{}') })
      await new Promise(setImmediate)
    }
    expect(rig.written().filter((line) => line.startsWith('response')).length).toBe(3)
    const stopped = rig.feed.stop()
    rig.scheduler.pass(60_000)
    await stopped
    expect(rig.asked).toEqual([])
  })
})
