import { describe, expect, it } from 'vitest'

import { EntryCursor } from '../../../src/log/entry.ts'
import { BitfinexDecoder } from '../../../src/venues/bitfinex/decoder.ts'
import { EntryScript, manifestOf, SinkLog } from '../../support/entries.ts'

const LIST = 'https://rest.test/v2/conf/pub:list:pair:exchange'

const said = (write: (script: EntryScript) => EntryScript, symbol = 'tBTCUSD'): SinkLog => {
  const sink = new SinkLog()
  const decoder = new BitfinexDecoder()
  const script = new EntryScript().runStarted(manifestOf({ venue: 'bitfinex', symbol, feed: 'R0' }))
  const cursor = new EntryCursor(write(script).records())
  while (cursor.next()) decoder.decode(cursor, sink)
  return sink
}

describe('the state of a Bitfinex pair', () => {
  it('is whether it is listed, and nothing where no list came', () => {
    const sink = said((script) =>
      script
        .response(LIST, [['ETHUSD', 'BTCUSD']])
        .response(LIST, [['ETHUSD']])
        .response(LIST, ['error', 20_060, 'maintenance'], 500)
        .response(LIST, 'busy')
        .response(LIST, {}),
    )
    expect(sink.products.map(({ trading }) => trading)).toEqual(['open', 'delisted'])
  })

  it('is not told from a list that its kind does not stand in', () => {
    expect(said((script) => script.response(LIST, [['BTCUSD']]), 'tBTCF0:USTF0').products).toEqual([])
  })

  it('is paused in maintenance, and asked for when that is over', () => {
    const sink = said((script) =>
      script.opened().frame({ event: 'info', code: 20_060 }).frame({ event: 'info', code: 20_061 }),
    )
    expect(sink.products.map(({ trading, says }) => [trading, says])).toEqual([['paused', 'maintenance']])
    const commands = sink.takeNotices().filter((notice) => notice.kind === 'command')
    expect(commands.map(({ command }) => command)).toContainEqual({
      ...{ kind: 'request', purpose: 'product', path: '/v2/conf/pub:list:pair:exchange', delay: 0 },
    })
  })

  it('is gone for good where a subscription is refused because of it', () => {
    const refusal = { event: 'error', code: 10_300, msg: 'symbol: invalid', symbol: 'tBTCUSD' }
    const sink = said((script) => script.opened().frame(refusal))
    expect(sink.products.map(({ trading }) => trading)).toEqual(['delisted'])
    const commands = sink.takeNotices().filter((notice) => notice.kind === 'command')
    expect(commands.at(-1)).toMatchObject({ command: { kind: 'refused', isGone: true } })
  })
})
