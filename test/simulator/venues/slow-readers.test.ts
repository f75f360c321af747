import { describe, expect, it } from 'vitest'

import {
  SLOW_READER_LIMITS,
  SlowReaders,
  type WatchedClient,
} from '../../../simulator/venues/slow-readers.ts'

interface Client extends WatchedClient {
  bytes: number
  isCut: boolean
}

const { behindBytes, caughtUpBytes, hold, patience, clientBytes, totalBytes } = SLOW_READER_LIMITS

const clientOf = (slow: SlowReaders, address: string, bytes = 0, reads = true): Client => {
  const client: Client = {
    address,
    bytes,
    isCut: false,
    waiting: () => client.bytes,
    isReader: () => reads,
    cut: () => {
      client.isCut = true
    },
  }
  slow.add(client)
  return client
}

describe('slow readers', () => {
  it('hold the flow until they have caught up, when they are alone', () => {
    const slow = new SlowReaders()
    const client = clientOf(slow, 'a')
    expect(slow.isBehind(0)).toBe(false)
    client.bytes = behindBytes
    expect(slow.isBehind(1)).toBe(true)
    client.bytes = caughtUpBytes
    expect(slow.isBehind(patience)).toBe(true)
    client.bytes = caughtUpBytes - 1
    expect(slow.isBehind(patience + 1)).toBe(false)
    expect(client.isCut).toBe(false)
  })

  it('hold it no longer than the others shall wait, and not at all soon after one of their address was cut', () => {
    const slow = new SlowReaders()
    const good = clientOf(slow, 'good')
    const bad = clientOf(slow, 'bad', behindBytes)
    expect([slow.isBehind(0), slow.isBehind(hold), slow.isBehind(hold + 1)]).toEqual([true, true, false])
    bad.bytes = clientBytes + 1
    expect(slow.isBehind(hold + 2)).toBe(false)
    expect([bad.isCut, good.isCut]).toEqual([true, false])
    clientOf(slow, 'bad', behindBytes)
    expect(slow.isBehind(hold + 3)).toBe(false)
    good.bytes = behindBytes
    expect(slow.isBehind(hold + 4)).toBe(true)
  })

  it('are cut when their patience is over, subscribed or not when too much waits', () => {
    const slow = new SlowReaders()
    const stalled = clientOf(slow, 'a', behindBytes)
    const silent = clientOf(slow, 'b', clientBytes + 1, false)
    slow.isBehind(0)
    expect([stalled.isCut, silent.isCut]).toEqual([false, true])
    slow.isBehind(patience)
    expect(stalled.isCut).toBe(false)
    slow.isBehind(patience + 1)
    expect(stalled.isCut).toBe(true)
  })

  it('share a bound: the one with most goes first', () => {
    const slow = new SlowReaders()
    const count = Math.ceil(totalBytes / clientBytes) + 1
    const clients = Array.from({ length: count }, (_, index) =>
      clientOf(slow, String(index), index === 3 ? clientBytes : clientBytes - 1),
    )
    slow.isBehind(0)
    expect(clients.map(({ isCut }) => isCut)).toEqual(clients.map((_, index) => index === 3))
  })
})
