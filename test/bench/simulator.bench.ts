/**
 * What the simulated venues give: events of the generator alone, frames of one venue to one client beside a bare server,
 * memory over a long flow. Slower here means that a recorder is no longer the slower side of a test.
 */
import { Engine } from '../../simulator/engine/engine.ts'
import { FLOW_PRESETS, type FlowPresetName } from '../../simulator/engine/flow-preset.ts'
import { OrderFlow } from '../../simulator/engine/order-flow.ts'
import { CoinbaseRenderer } from '../../simulator/venues/coinbase-render.ts'
import { ended, firstLine, MAIN, processSeconds, residentBytes, start } from './processes.ts'
import { type Benchmark, median, type Row } from './row.ts'

const PRODUCT = 'BTC-USD'
const EVENTS = 500_000
const ROUNDS = 5
const SECONDS = 3
const LONG_RATE = 10_000
const MEMORY_ROWS = 6

const PRESETS = Object.keys(FLOW_PRESETS) as FlowPresetName[]

/** Events a second, by the wall clock and by the processor's time. */
const generate = (preset: FlowPresetName, isWorded: boolean): { wall: number; processor: number } => {
  const market = { pair: PRODUCT, engine: new Engine({ priceScale: 2, sizeScale: 8 }), priceScale: 2, sizeScale: 8, seed: 1 } // prettier-ignore
  const { engine } = market
  const flow = new OrderFlow({ engine, seed: 7, startTime: 1e15, price: 6e6, size: 2e6, orders: 2000, meanGap: (FLOW_PRESETS[preset].eventsPerAction * 1e6) / FLOW_PRESETS[preset].rate, preset }) // prettier-ignore
  flow.fill()
  const render = new CoinbaseRenderer(market)
  let units = 0
  engine.subscribe((event) => {
    units += isWorded ? render.full(event).length : event.number
    render.follow(event)
  })
  const until = engine.lastNumber + EVENTS
  const used = process.cpuUsage()
  const started = performance.now()
  while (engine.lastNumber < until) flow.step()
  const wall = (performance.now() - started) / 1000
  const { user, system } = process.cpuUsage(used)
  if (units === 0) throw new Error('nothing was generated')
  return { wall: EVENTS / wall, processor: EVENTS / ((user + system) / 1e6) }
}

const thousands = (value: number): string => `${Math.round(value / 1000).toLocaleString('en-US')} k/s`

const generatorRows = (): Row[] => {
  const contenders = [false, true].flatMap((isWorded) => PRESETS.map((preset) => ({ preset, isWorded })))
  const runs = contenders.map(() => ({ wall: [] as number[], processor: [] as number[] }))
  for (let round = 0; round < ROUNDS; round++)
    contenders.forEach(({ preset, isWorded }, index) => {
      const { wall, processor } = generate(preset, isWorded)
      runs[index]?.wall.push(wall)
      runs[index]?.processor.push(processor)
    })
  return contenders.map(({ preset, isWorded }, index) => {
    const { wall = [], processor = [] } = runs[index] ?? {}
    return {
      name: `generator, ${preset}${isWorded ? ', worded' : ''}`,
      value: thousands(median(wall)),
      note: `events; ${thousands(median(processor))} of processor time; ${isWorded ? 'as text of the full channel' : 'floor 500 k/s'}`,
    }
  })
}

interface Counted {
  readonly rate: number
  readonly size: number
}

interface Offered extends Counted {
  /** Frames a second of processor time of the server: what it would offer had it one processor for itself. */
  readonly perProcessor: number
}

const sleep = (seconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, seconds * 1000))

const count = async (ws: string, server: number): Promise<Offered> => {
  const client = start('./rate-counter.js', [ws, PRODUCT, String(SECONDS)])
  const line = firstLine(client)
  // In the middle of what the client counts.
  await sleep(1.5)
  const before = processSeconds(server)
  await sleep(SECONDS - 1)
  const used = (processSeconds(server) - before) / (SECONDS - 1)
  const counted = JSON.parse(await line) as Counted
  await ended(client)
  return { ...counted, perProcessor: counted.rate / used }
}

const simulate = async (
  words: readonly string[],
): Promise<{ ws: string; stop: () => Promise<void>; pid: number }> => {
  const child = start(MAIN, ['simulate', '--venue', 'coinbase', '--pair', PRODUCT, '--json', ...words])
  const { venues } = JSON.parse(await firstLine(child)) as { venues: { coinbase: { ws: string } } }
  const stop = async (): Promise<void> => {
    child.kill()
    await ended(child)
  }
  return { ws: venues.coinbase.ws, stop, pid: child.pid ?? 0 }
}

const ratioRow = (name: string, venue: readonly number[], bare: readonly number[], note: string): Row => {
  const ratios = venue.map((rate, round) => rate / (bare[round] ?? NaN))
  const range = `${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)}`
  return { name, value: median(ratios).toFixed(2), note: `${note}; ${String(ROUNDS)} rounds, ${range}` }
}

const offeredRow = (name: string, offered: readonly Offered[], note: string): Row => {
  const perProcessor = thousands(median(offered.map((each) => each.perProcessor)))
  return { name, value: thousands(median(offered.map(({ rate }) => rate))), note: `${note}; ${perProcessor} of the server’s processor time` } // prettier-ignore
}

const offeredRows = async (): Promise<Row[]> => {
  const venue = await simulate(['--rate', 'max'])
  const { size } = await count(venue.ws, venue.pid)
  const sender = start('./endless-sender.js', [String(Math.round(size))])
  const bareUrl = `ws://127.0.0.1:${await firstLine(sender)}`
  const offered: Offered[] = []
  const bare: Offered[] = []
  for (let round = 0; round < ROUNDS; round++) {
    bare.push(await count(bareUrl, sender.pid ?? 0))
    offered.push(await count(venue.ws, venue.pid))
  }
  sender.kill()
  await venue.stop()
  const rates = (all: readonly Offered[]): number[] => all.map(({ rate }) => rate)
  const costs = (all: readonly Offered[]): number[] => all.map(({ perProcessor }) => perProcessor)
  return [
    offeredRow('bare ws server', bare, `one constant frame of ${size.toFixed(0)} bytes to one bare client`),
    offeredRow('simulated venue', offered, 'full, generated as it is read, to the same client'),
    ratioRow('share of bare', rates(offered), rates(bare), 'floor 0.6'),
    ratioRow(
      'the same, by processor time',
      costs(offered),
      costs(bare),
      'what a busy machine does not change',
    ),
  ]
}

/** Minutes: from BOOKREEL_BENCH_MINUTES. */
const memoryRows = async (): Promise<Row[]> => {
  const minutes = Number(process.env['BOOKREEL_BENCH_MINUTES'] ?? 1)
  const venue = await simulate(['--rate', String(LONG_RATE)])
  const client = start('./rate-counter.js', [venue.ws, PRODUCT, String(minutes * 60)])
  let last = ''
  const done = firstLine(client).then((line) => (last = line))
  const rows: Row[] = []
  for (let row = 1; row <= MEMORY_ROWS; row++) {
    await new Promise((resolve) => setTimeout(resolve, (minutes * 60_000) / MEMORY_ROWS))
    const bytes = residentBytes(venue.pid)
    const after = ((minutes * 60 * row) / MEMORY_ROWS).toFixed(0)
    rows.push({ name: `after ${after} s`, value: `${(bytes / 1e6).toFixed(0)} MB`, note: 'resident' })
  }
  await done
  await ended(client)
  await venue.stop()
  const { rate } = JSON.parse(last) as Counted
  return [
    {
      name: 'long flow',
      value: `${rate.toFixed(0)}/s`,
      note: `frames, ${String(LONG_RATE)} events/s asked for`,
    },
    ...rows,
  ]
}

export const simulatorBenchmark: Benchmark = {
  name: 'simulator',
  about:
    'The generator alone, one simulated venue to one client beside a bare server, memory over a long flow.',
  run: async () => [...generatorRows(), ...(await offeredRows()), ...(await memoryRows())],
}
