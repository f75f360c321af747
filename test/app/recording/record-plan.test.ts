import { isLeft, isRight } from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'

import { venues } from '../../../src/app/production.ts'
import { parseRecordConfig } from '../../../src/app/recording/record-config.ts'
import { planRecording, type RecordRequest } from '../../../src/app/recording/record-plan.ts'
import type { Venue } from '../../../src/venues/venue.ts'

const SECRETS = {
  COINBASE_API_KEY: 'the-key',
  COINBASE_API_SECRET: Buffer.from('the-secret').toString('base64'),
  COINBASE_API_PASSPHRASE: 'the-passphrase',
}

const plan = (
  changes: Partial<RecordRequest>,
  environment: Record<string, string> = {},
  known: readonly Venue[] = venues,
) =>
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
    known,
    environment,
    'test',
  )

describe('planRecording', () => {
  it.each([
    [{ pairs: [] }, /which pair/],
    [{ pairs: ['btc/usd'] }, /write it like BTC-USD/],
    [{ venues: ['nope'] }, /no venue "nope"/],
    [{ mode: 'fast' }, /no mode "fast": use --mode full, light, snapshot/],
    [{ mode: 'light', interval: 1_000_000 }, /--interval is for --mode snapshot: mode light keeps/],
    [{ depth: '5' }, /--depth is for --mode snapshot/],
    [{ mode: 'snapshot', interval: 50_000 }, /between 100ms and 1h/],
    [{ mode: 'snapshot', interval: 3_600_000_001 }, /between 100ms and 1h/],
    [{ mode: 'snapshot', depth: '0' }, /--depth "0" must be a number of levels/],
    [{ mode: 'snapshot', depth: '1001' }, /between 1 and 1000/],
    [{ mode: 'snapshot', depth: '1e2' }, /must be a number/],
    [{ endpoints: ['coinbase.ws'] }, /must look like/],
    [{ endpoints: ['coinbase.ftp=ws://x'] }, /must look like/],
    [{ endpoints: ['nope.ws=ws://x'] }, /no venue "nope"/],
    [{ endpoints: ['coinbase.ws=https://x'] }, /must begin with wss:/],
    [{ endpoints: ['coinbase.rest=http://user:word@x'] }, /no password/],
    [{ feeds: ['coinbase=nope'] }, /no feed "nope"/],
    [{ feeds: ['coinbase=full'] }, /needs credentials/],
    [{ feeds: ['bitfinex=R0', 'bitfinex=P0'] }, /two feeds/],
    [{ symbols: ['tBTCUSD'] }, /must look like/],
    [{ connections: 0 }, /--connections is a number from 1 to 4/],
    [{ connections: 5 }, /--connections is a number from 1 to 4/],
    [{ connections: 1.5 }, /--connections is a number from 1 to 4/],
    [{ connections: NaN }, /--connections is a number from 1 to 4/],
    [{ takesOver: true, standsBy: true, isStoreRemote: true }, /Either --standby or --take-over/],
    [{ standsBy: true }, /--standby needs a store that two machines share/],
    [{ spool: 'elsewhere' }, /--spool is for a store on a server: .* leave --spool out/],
    [{ patience: 7999 }, /--takeover-after is at least 8s/],
    [{ renewAfter: 59_999 }, /--renew-after is between 1m and 20d, or "never"/],
    [{ renewAfter: 1_728_000_001 }, /--renew-after is between/],
    [{ renewAfter: NaN }, /--renew-after is between/],
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

  it('refuses a stream that asks for more channels than its venue allows on a connection', () => {
    const [first, ...others] = venues
    if (first === undefined) throw new Error('no venue')
    const strict = (most: number): readonly Venue[] => [
      { ...first, channelLimit: { most, channelsOf: ({ feed }) => feed.length } },
      ...others,
    ]
    expect(plan({}, SECRETS, strict(3))).toEqual({
      _tag: 'Left',
      left: `${first.name} allows 3 channels on a connection, and BTC-USD with feed full takes 4.`,
    })
    expect(isRight(plan({}, SECRETS, strict(4)))).toBe(true)
  })

  it('gives every stream of every feed a place within the channels of a connection', () => {
    const bitfinex = venues.find(({ id }) => id === 'bitfinex')
    const session = { symbol: 'tBTCUSD', credentials: undefined, unixSeconds: 0 }
    expect(bitfinex?.channelLimit?.most).toBe(25)
    for (const feed of bitfinex?.feeds ?? []) {
      const asked = bitfinex?.openingFrames({ ...session, feed }) ?? []
      const subscriptions = asked.filter(({ text }) => text.includes('"event":"subscribe"'))
      expect(bitfinex?.channelLimit?.channelsOf({ ...session, feed })).toBe(subscriptions.length)
      expect(isRight(plan({ feeds: [`bitfinex=${feed}`] }))).toBe(true)
    }
  })

  it.each(['full', 'light'])('says how long it takes until all connections are open, in mode %s', (mode) => {
    const pairs = Array.from({ length: 11 }, (_none, index) => `A${String(index)}-USD`)
    const noticesOf = (changes: Partial<RecordRequest>): readonly string[] => {
      const planned = plan({ pairs, mode, ...changes }, SECRETS)
      return isRight(planned) ? planned.right.notices : ['no plan']
    }
    expect(noticesOf({})).toEqual([])
    expect(noticesOf({ connections: 4 })).toEqual([
      'Bitfinex allows 20 new connections in 60 s: the last of 44 is opened after 120 s.',
    ])
  })

  it('records all pairs in one process in mode light, and says the mode of every stream', () => {
    const planned = plan({ pairs: ['BTC-USD', 'ETH-USD'], mode: 'light' })
    if (!isRight(planned)) throw new Error('no plan')
    const [config, ...others] = planned.right.pairs
    expect(others).toEqual([])
    expect(config?.pair).toBe('all pairs')
    expect(config?.streams.map(({ stream, mode, sampling }) => [stream, mode, sampling])).toEqual([
      ['coinbase:BTC-USD', 'light', undefined],
      ['bitfinex:BTC-USD', 'light', undefined],
      ['coinbase:ETH-USD', 'light', undefined],
      ['bitfinex:ETH-USD', 'light', undefined],
    ])
  })

  it('samples ten levels every second unless told otherwise', () => {
    const usual = plan({ mode: 'snapshot' })
    const told = plan({ mode: 'snapshot', interval: 250_000, depth: '25' })
    if (!isRight(usual) || !isRight(told)) throw new Error('no plan')
    expect(usual.right.pairs[0]?.streams[0]?.sampling).toEqual({ interval: 1_000_000, depth: 10 })
    expect(told.right.pairs[0]?.streams[1]?.sampling).toEqual({ interval: 250_000, depth: 25 })
  })
})

describe('planRecording of pairs with wishes of their own', () => {
  it('puts them in front of the wishes for all', () => {
    const planned = plan({
      pairs: ['BTC-USD', 'ETH-USD', 'DOGE-USD'],
      own: new Map([
        ['ETH-USD', { venues: ['bitfinex'], feeds: ['bitfinex=P0'] }],
        ['DOGE-USD', { symbols: ['bitfinex=tDOGE:USD'], endpoints: ['bitfinex.ws=ws://own'] }],
      ]),
      feeds: ['bitfinex=P1', 'coinbase=level2_batch'],
      endpoints: ['bitfinex.ws=ws://all', 'bitfinex.rest=http://all'],
    })
    if (isLeft(planned)) throw new Error(planned.left)
    const streams = planned.right.pairs.flatMap((pair) => pair.streams)
    expect(
      streams.map(({ stream, symbol, feed, endpoints }) => [stream, symbol, feed, endpoints.ws]),
    ).toEqual([
      ['coinbase:BTC-USD', 'BTC-USD', 'level2_batch', 'wss://ws-feed.exchange.coinbase.com'],
      ['bitfinex:BTC-USD', 'tBTCUSD', 'P1', 'ws://all'],
      ['bitfinex:ETH-USD', 'tETHUSD', 'P0', 'ws://all'],
      ['coinbase:DOGE-USD', 'DOGE-USD', 'level2_batch', 'wss://ws-feed.exchange.coinbase.com'],
      ['bitfinex:DOGE-USD', 'tDOGE:USD', 'P1', 'ws://own'],
    ])
    expect(streams.at(-1)?.endpoints.rest).toBe('http://all')
  })
})

describe('parseRecordConfig', () => {
  it.each([
    ['{', /is not JSON/],
    ['[]', /^ must be a JSON object/],
    ['null', /^ must be a JSON object/],
    ['{"pair":["BTC-USD"]}', /^pair is no setting: there are pairs, venue/],
    ['{"__proto__":1}', /^__proto__ is no setting/],
    ['{"constructor":1}', /^constructor is no setting/],
    ['{"pairs":"BTC-USD"}', /^pairs must be a list of pairs$/],
    ['{"pairs":["BTC-USD",7]}', /^pairs\[1\] must be a pair like BTC-USD$/],
    ['{"pairs":[{"venue":["bitfinex"]}]}', /^pairs\[0\]\.pair is missing$/],
    [
      '{"pairs":[{"pair":"BTC-USD","feed":["full"]}]}',
      /^pairs\[0\]\.feed\[0\] must be a feed like coinbase=full$/,
    ],
    ['{"venue":["kraken"]}', /^venue\[0\] must be one of coinbase, bitfinex$/],
    ['{"json":"yes"}', /^json must be true or false$/],
    ['{"for":10}', /^for must be a duration like 10s$/],
    ['{"metrics-port":9464}', /^metrics-port must be a port, as a text, like 9464$/],
    ['{"mode":3}', /^mode must be one of full, light, snapshot$/],
    ['{"venue":[1]}', /^venue\[0\] must be one of coinbase, bitfinex$/],
    ['{"venue":[]}', /^venue must not be empty: name one, or leave it out$/],
    ['{"pairs":[{"pair":"BTC-USD","venue":[]}]}', /^pairs\[0\]\.venue must not be empty/],
    ['{"for":"soon"}', /^for must be a duration like 10s$/],
    ['{"for":"0s"}', /^for must be a duration like 10s$/],
    ['{"min-free":"0.0GB"}', /^min-free must be a size like 20GB$/],
    ['{"depth":"0"}', /^depth must be a number of levels/],
    ['{"min-free":"5"}', /^min-free must be a size like 20GB$/],
    ['{"store":"mongodb://me:hush@h/books"}', /^store must hold no user and no password/],
  ])('says what is wrong with %s', (text, problem) => {
    const parsed = parseRecordConfig(text)
    const told = isLeft(parsed) ? parsed.left.map(({ path, problem: what }) => `${path} ${what}`) : []
    expect(told.length).toBe(1)
    expect(told[0]).toMatch(problem)
    expect(told[0]).not.toContain('hush')
  })

  it('says everything that is wrong, each at its place', () => {
    const parsed = parseRecordConfig('{"pairs":["a",{"pair":1,"more":2}],"json":1,"for":"x","mode":"fast"}')
    expect(isLeft(parsed) ? parsed.left.map(({ path }) => path) : []).toEqual([
      'pairs[0]',
      'pairs[1].pair',
      'pairs[1].more',
      'json',
      'for',
      'mode',
    ])
  })

  it('takes what the flags take', () => {
    const config = { pairs: ['BTC-USD'], venue: ['bitfinex'], for: '10m', json: true }
    expect(parseRecordConfig(JSON.stringify(config))).toMatchObject({ right: config })
  })

  it('takes what editors put into a file: the address of its schema, a byte order mark', () => {
    const config = { $schema: 'https://example.org/config.schema.json', pairs: ['BTC-USD'] }
    expect(parseRecordConfig(`\uFEFF${JSON.stringify(config)}`)).toMatchObject({ right: config })
  })
})
