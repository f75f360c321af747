import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'

import { describe, expect, it } from 'vitest'

import { RecorderMetrics } from '../../src/app/monitor/metrics.ts'
import { microsOf } from '../../src/market/time.ts'
import { emptyStatus } from '../../src/recorder/stream-status.ts'

const read = (name: string): string => readFileSync(resolve(import.meta.dirname, '../../docs', name), 'utf8')

const namesIn = (text: string): Set<string> => new Set(text.match(/\bbookreel_[a-z_]+/g))

const figures = {
  product: { trading: 'open' as const, says: 'online', priceIncrement: '0.01', sizeIncrement: '0.001' },
  latency: { count: 1, least: 1, p50: 1, p90: 1, p99: 1, most: 1, last: 1 },
  clock: { offset: 1, seconds: 100, steps: 0, largestStep: 0, drift: 1 },
}

const rendered = async (): Promise<string> => {
  const status = {
    ...emptyStatus('toy:A-B'),
    lastReceiveTime: microsOf(5),
    bestBid: '1.5',
    bestAsk: '2',
    ...figures,
  }
  const { text } = await new RecorderMetrics().render({
    process: 1,
    software: 's',
    startedAt: 1,
    now: 2,
    store: 'file:x',
    journal: '/x/journal',
    healthy: true,
    paused: null,
    troubles: [],
    restarts: { 'A-B': 1 },
    freeBytes: 5,
    streams: [status],
  })
  return text
}

const renderedNames = async (): Promise<Set<string>> => {
  const names = (await rendered()).match(/^bookreel_[a-z_]+(?=[{ ])/gm) ?? []
  expect(names.length).toBeGreaterThan(15)
  return new Set(names)
}

/** What `promtool check metrics` refuses, one text for each finding. */
const complaintsOf = (text: string): readonly string[] => {
  const complaints: string[] = []
  const types = new Map<string, string>()
  const helped = new Set<string>()
  const samples = new Set<string>()
  let family = ''
  for (const line of text.split('\n').filter((each) => each !== '')) {
    const [, word, name = '', rest = ''] = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line) ?? []
    if (word !== undefined) {
      family = name
      if (word === 'HELP') helped.add(name)
      else if (types.has(name)) complaints.push(`${name} has its type twice`)
      else types.set(name, rest)
      continue
    }
    const [, sample = '', labels = ''] = /^([a-z_][a-z0-9_]*)(\{.*\})? [-+.\w]+$/.exec(line) ?? []
    const type = types.get(family) ?? ''
    const own = type === 'histogram' ? sample.replace(/_(bucket|sum|count)$/, '') : sample
    if (own !== family || !helped.has(own)) complaints.push(`${line}: not below its HELP and TYPE`)
    if (samples.has(sample + labels)) complaints.push(`${sample}${labels} comes twice`)
    samples.add(sample + labels)
    if ((type === 'counter') !== sample.endsWith('_total')) complaints.push(`${sample} is a ${type}`)
    if (/\bquantile=/.test(labels)) complaints.push(`${sample} is no summary`)
    if (/_(ms|milliseconds|minutes|kilobytes|percent)(_|$)/.test(sample))
      complaints.push(`${sample} is not in base units`)
  }
  return complaints
}

describe('the metrics', () => {
  it('keep to the conventions of Prometheus', async () => {
    expect(complaintsOf(await rendered())).toEqual([])
    const wrong = '# HELP a_total x\n# TYPE a_total gauge\na_total{quantile="1"} 1\nb 2\n'
    expect(complaintsOf(wrong)).toEqual([
      'a_total is a gauge',
      'a_total is no summary',
      'b 2: not below its HELP and TYPE',
    ])
  })
})

describe('docs/monitoring', () => {
  it('lists every metric there is, and no other', async () => {
    const tabled = new Set(
      [...read('monitoring.md').matchAll(/^\| `(bookreel_[a-z_]+)`/gm)].map((match) => match[1] ?? ''),
    )
    expect(tabled).toEqual(await renderedNames())
  })

  it.each(['monitoring/alerts.yml', 'monitoring/grafana.json'])(
    'asks in %s for metrics there are',
    async (name) => {
      const known = await renderedNames()
      const asked = [...namesIn(read(name))]
      expect(asked.length).toBeGreaterThan(5)
      expect(asked.filter((metric) => !known.has(metric))).toEqual([])
    },
  )

  it('says what to do about every alert', () => {
    const alerts = [...read('monitoring/alerts.yml').matchAll(/alert: (\w+)/g)].map((match) => match[1])
    const runbook = [...read('operations.md').matchAll(/^### (Bookreel\w+)$/gm)].map((match) => match[1])
    expect(alerts.length).toBeGreaterThan(5)
    expect(runbook).toEqual(alerts)
    const sections = read('operations.md')
      .split(/^#{2,3} /m)
      .filter((section) => section.startsWith('Bookreel'))
    for (const section of sections) expect(section).toMatch(/\*\*Means\*\*: .{20,}\n+\*\*Do\*\*: .{20,}/s)
  })

  it('holds a dashboard that is JSON', () => {
    expect(JSON.parse(read('monitoring/grafana.json'))).toMatchObject({ title: 'bookreel' })
  })
})
