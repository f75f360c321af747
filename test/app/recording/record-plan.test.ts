import { isLeft, isRight } from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'

import { venues } from '../../../src/app/production.ts'
import { parseRecordConfig } from '../../../src/app/recording/record-config.ts'
import { planRecording, type RecordRequest } from '../../../src/app/recording/record-plan.ts'

const SECRETS = {
  COINBASE_API_KEY: 'the-key',
  COINBASE_API_SECRET: Buffer.from('the-secret').toString('base64'),
  COINBASE_API_PASSPHRASE: 'the-passphrase',
}

const plan = (changes: Partial<RecordRequest>, environment: Record<string, string> = {}) =>
  planRecording(
    {
      pairs: ['BTC-USD'],
      venues: [],
      mode: 'full',
      store: 'memory:',
      endpoints: [],
      symbols: [],
      feeds: [],
      connections: 1,
      durability: 200,
      spool: undefined,
      spoolLimit: 1e9,
      isStoreRemote: false,
      standsBy: false,
      takesOver: false,
      patience: undefined,
      ...changes,
    },
    venues,
    environment,
    'test',
  )

describe('planRecording', () => {
  it.each([
    [{ pairs: [] }, /which pair/],
    [{ pairs: ['btc/usd'] }, /write it like BTC-USD/],
    [{ venues: ['nope'] }, /no venue "nope"/],
    [{ mode: 'light' }, /not there yet/],
    [{ mode: 'fast' }, /no mode "fast"/],
    [{ endpoints: ['coinbase.ws'] }, /must look like/],
    [{ endpoints: ['coinbase.ftp=ws://x'] }, /must look like/],
    [{ endpoints: ['nope.ws=ws://x'] }, /no venue "nope"/],
    [{ endpoints: ['coinbase.ws=https://x'] }, /must begin with wss:/],
    [{ endpoints: ['coinbase.rest=http://user:word@x'] }, /no password/],
    [{ feeds: ['coinbase=nope'] }, /no feed "nope"/],
    [{ feeds: ['coinbase=full'] }, /needs credentials/],
    [{ feeds: ['bitfinex=R0', 'bitfinex=P0'] }, /two feeds/],
    [{ symbols: ['tBTCUSD'] }, /must look like/],
  ] as const)('says in one sentence what is wrong with %j', (changes, sentence) => {
    const planned = plan(changes)
    expect(isLeft(planned) ? planned.left : '').toMatch(sentence)
    expect(isLeft(planned) ? planned.left : '\n').toMatch(/^[^\n]+\.$/)
  })

  it('says that without credentials the keyless feed is recorded, and takes the full one with them', () => {
    const keyless = plan({ venues: ['coinbase'] })
    const full = plan({ venues: ['coinbase'] }, SECRETS)
    if (!isRight(keyless) || !isRight(full)) throw new Error('no plan')
    expect(keyless.right.notices.join(' ')).toMatch(/keyless/)
    expect(keyless.right.pairs[0]?.streams[0]?.feed).toBe('level2_batch')
    expect(full.right.notices).toEqual([])
    expect(full.right.pairs[0]?.streams[0]?.feed).toBe('full')
    expect(JSON.stringify(full.right)).not.toMatch(/the-key|the-passphrase|dGhlLXNlY3JldA/)
  })

  it('makes one configuration for each pair, with its share of the connections', () => {
    const planned = plan({
      pairs: ['BTC-USD', 'ETH-USD', 'BTC-USD'],
      endpoints: ['bitfinex.rest=http://h:1/'],
    })
    if (!isRight(planned)) throw new Error('no plan')
    const { pairs } = planned.right
    expect(pairs.map(({ pair }) => pair)).toEqual(['BTC-USD', 'ETH-USD'])
    expect(pairs[1]?.streams.map(({ stream, symbol }) => [stream, symbol])).toEqual([
      ['coinbase:ETH-USD', 'ETH-USD'],
      ['bitfinex:ETH-USD', 'tETHUSD'],
    ])
    expect(pairs[0]?.streams[1]?.endpoints.rest).toBe('http://h:1')
  })
})

describe('parseRecordConfig', () => {
  it.each([
    ['{', /is not JSON/],
    ['[]', /must hold a JSON object/],
    ['{"pair":["BTC-USD"]}', /holds "pair"/],
    ['{"pairs":"BTC-USD"}', /holds "pairs", but not as a list of texts/],
    ['{"json":"yes"}', /holds "json", but not as true or false/],
    ['{"for":10}', /holds "for", but not as a text/],
  ])('says what is wrong with %s', (text, problem) => {
    const parsed = parseRecordConfig(text)
    expect(isLeft(parsed) ? parsed.left : '').toMatch(problem)
  })

  it('takes what the flags take', () => {
    const config = { pairs: ['BTC-USD'], venue: ['bitfinex'], for: '10m', json: true }
    expect(parseRecordConfig(JSON.stringify(config))).toMatchObject({ right: config })
  })
})
