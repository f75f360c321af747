import { describe, expect, it } from 'vitest'

import { bitfinexDialect } from '../../../simulator/faults/bitfinex-dialect.ts'
import { coinbaseDialect } from '../../../simulator/faults/coinbase-dialect.ts'

const open = (sequence: number, product = 'BTC-USD'): string =>
  `{"type":"open","time":"2024-05-01T00:00:00.123456Z","product_id":"${product}","sequence":${String(sequence)}}`

describe('Coinbase’s frames on a faulty link', () => {
  it('tell their channel', () => {
    const frames = coinbaseDialect().connected()
    expect(
      [
        open(1),
        '["open","BTC-USD","1"]',
        '{"type":"heartbeat","sequence":1}',
        '{"type":"subscriptions"}',
      ].map((text) => frames.channelOf(text)),
    ).toEqual(['full', 'level3', 'heartbeat', 'control'])
  })

  it('tell a match of `matches` from one of `full`, by what came before', () => {
    const frames = coinbaseDialect().connected()
    const match = (product: string): string =>
      `{"type":"match","trade_id":1,"product_id":"${product}","sequence":8}`
    expect(
      [match('BTC-USD'), open(9), match('BTC-USD'), match('ETH-USD')].map((text) => frames.channelOf(text)),
    ).toEqual(['matches', 'full', 'full', 'matches'])
  })

  it('count anew for one product, on every connection, in rows and in books', () => {
    const dialect = coinbaseDialect()
    const [one, other] = [dialect.connected(), dialect.connected()]
    expect(one.canRestart(open(500))).toBe(true)
    expect(one.canRestart('{"type":"heartbeat","sequence":500,"product_id":"BTC-USD"}')).toBe(false)
    one.restartNumbers(open(500))
    expect(one.renumbered(open(500))).toBe(open(1))
    expect([other.canRestart(open(500)), other.canRestart(open(501))]).toEqual([false, true])
    expect(other.toldNumber('coinbase:BTC-USD', 507)).toBe(8)
    expect(other.toldNumber('coinbase:ETH-USD', 507)).toBe(507)
    expect(other.renumbered(open(507))).toBe(open(8))
    expect(other.renumbered(open(507, 'ETH-USD'))).toBe(open(507, 'ETH-USD'))
    expect(one.renumbered('["open","BTC-USD","502","id"]')).toBe('["open","BTC-USD","3","id"]')
    expect(dialect.body('/products/BTC-USD/book?level=3', '{"sequence":503,"bids":[]}', 0)).toBe(
      '{"sequence":4,"bids":[]}',
    )
  })

  it('may be told at another time, with one field more, and stay JSON', () => {
    const frames = coinbaseDialect().connected()
    expect(frames.retimed(open(1), -1_000_001)).toContain('"2024-04-30T23:59:59.123455Z"')
    for (const text of [open(1), '["open","BTC-USD","1"]']) JSON.parse(frames.addField(text) ?? '')
    expect(frames.spoilChecksum(open(1))).toBeUndefined()
  })
})

describe('Bitfinex’s frames on a faulty link', () => {
  const connected = () => {
    const frames = bitfinexDialect().connected()
    frames.channelOf('{"event":"conf","status":"OK","flags":229376}')
    frames.channelOf('{"event":"subscribed","channel":"book","chanId":7,"symbol":"tBTCUSD"}')
    return frames
  }

  it('tell their channel once it was confirmed', () => {
    const frames = connected()
    expect(
      ['[7,"hb",1,2]', '[8,"hb",1,2]', '{"event":"info"}'].map((text) => frames.channelOf(text)),
    ).toEqual(['book', 'control', 'control'])
  })

  it('count anew on their own connection, with and without a time behind the number', () => {
    const frames = connected()
    expect([1, 2].map((number) => frames.canRestart(`[7,"hb",${String(number)},1]`))).toEqual([false, true])
    frames.restartNumbers('[7,[1,2,3],41,1700000000000]')
    expect(frames.renumbered('[7,[1,2,3],43,1700000000000]')).toBe('[7,[1,2,3],3,1700000000000]')
    expect(connected().renumbered('[7,[1,2,3],43,1700000000000]')).toBe('[7,[1,2,3],43,1700000000000]')
    const untimed = bitfinexDialect().connected()
    untimed.channelOf('{"event":"conf","status":"OK","flags":65536}')
    untimed.restartNumbers('[7,"hb",41]')
    expect(untimed.renumbered('[7,"hb",42]')).toBe('[7,"hb",2]')
    expect(bitfinexDialect().connected().canRestart('[7,"hb",41]')).toBe(false)
  })

  it('may have a wrong checksum, another time, a longer row', () => {
    const frames = connected()
    expect(frames.spoilChecksum('[7,"cs",-100,5,1700000000000]')).toBe('[7,"cs",-99,5,1700000000000]')
    expect(frames.spoilChecksum('[7,[1,2,3],5,1700000000000]')).toBeUndefined()
    expect(frames.retimed('[8,"te",[401,1700000000001,0.1,5],5,1700000000000]', 60_000_000)).toBe(
      '[8,"te",[401,1700000060001,0.1,5],5,1700000060000]',
    )
    expect(frames.addField('[7,[1,2,3],5,1700000000000]')).toBe('[7,[1,2,3,null],5,1700000000000]')
    expect(frames.addField('[7,"hb",5,1700000000000]')).toBeUndefined()
  })
})
