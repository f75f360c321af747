/** A recorder's report in the words of Prometheus; docs/monitoring.md lists them. */
import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client'

import type { StreamStatus } from '../../recorder/stream-status.ts'
import type { RecorderReport } from './recorder-report.ts'

interface StreamMetric {
  readonly name: string
  readonly help: string
  readonly value: (status: StreamStatus) => number | undefined
}

/** Totals are of the present run of a stream: they begin anew when its process does, as counters may. */
const STREAM_METRICS: readonly StreamMetric[] = [
  { name: 'bookreel_entries_total', help: 'Entries recorded.', value: ({ entries }) => entries },
  { name: 'bookreel_last_seq', help: 'Number of the last entry journaled.', value: ({ lastSeq }) => lastSeq },
  {
    name: 'bookreel_last_receive_timestamp_seconds',
    help: 'When the last entry was received.',
    value: ({ lastReceiveTime }) => (lastReceiveTime === null ? undefined : lastReceiveTime / 1e6),
  },
  {
    name: 'bookreel_silence_seconds',
    help: 'For how long the venue has sent nothing.',
    value: ({ state, silence }) => (state === 'standby' ? undefined : silence / 1000),
  },
  { name: 'bookreel_trades_total', help: 'Trades seen.', value: ({ trades }) => trades },
  { name: 'bookreel_gaps_total', help: 'Losses between venue and recorder.', value: ({ gaps }) => gaps },
  {
    name: 'bookreel_disconnects_total',
    help: 'Interruptions: what the venue sent meanwhile is not there.',
    value: ({ disconnects }) => disconnects,
  },
  {
    name: 'bookreel_checksums_right_total',
    help: 'Checksums of the venue that the book met.',
    value: ({ checksums }) => checksums.right,
  },
  {
    name: 'bookreel_checksums_wrong_total',
    help: 'Checksums of the venue that the book missed.',
    value: ({ checksums }) => checksums.wrong,
  },
  {
    name: 'bookreel_undecoded_frames_total',
    help: 'Frames stored that no decoder understood.',
    value: ({ undecoded }) => undecoded,
  },
  {
    name: 'bookreel_duplicate_messages_total',
    help: 'Messages that came again over a redundant connection.',
    value: ({ duplicates }) => duplicates,
  },
  {
    name: 'bookreel_connections',
    help: 'Connections of the stream that are open.',
    value: ({ connections }) => connections,
  },
  {
    name: 'bookreel_seal_mismatches_total',
    help: 'Chunks whose replay did not give the live book.',
    value: ({ sealMismatches }) => sealMismatches,
  },
  {
    name: 'bookreel_book_valid',
    help: '1: the book may be used.',
    value: ({ state, valid }) => (state === 'standby' ? undefined : Number(valid)),
  },
  {
    name: 'bookreel_book_verified',
    help: '1: the venue has proved the book.',
    value: ({ state, verified }) => (state === 'standby' ? undefined : Number(verified)),
  },
  {
    name: 'bookreel_book_valid_ratio',
    help: 'Share of the time in which the book could be used.',
    value: ({ validShare }) => validShare,
  },
  {
    name: 'bookreel_clock_steps_total',
    help: 'Times that the wall clock was set by 10 ms or more.',
    value: ({ clock }) => clock?.steps,
  },
  {
    name: 'bookreel_clock_offset_seconds',
    help: "Wall clock minus the recorder's own.",
    value: ({ clock }) => (clock === null ? undefined : clock.offset / 1e6),
  },
  {
    name: 'bookreel_clock_drift_ratio',
    help: 'How much faster the wall clock runs than the monotonic one.',
    value: ({ clock }) => (clock === null || clock.drift === null ? undefined : clock.drift / 1e6),
  },
  {
    name: 'bookreel_product_price_step',
    help: 'Smallest step of price that the venue names.',
    value: ({ product }) => numberOf(product?.priceIncrement ?? null),
  },
  {
    name: 'bookreel_product_size_step',
    help: 'Smallest step of size that the venue names.',
    value: ({ product }) => numberOf(product?.sizeIncrement ?? null),
  },
  { name: 'bookreel_best_bid', help: 'Best bid.', value: ({ bestBid }) => numberOf(bestBid) },
  { name: 'bookreel_best_ask', help: 'Best ask.', value: ({ bestAsk }) => numberOf(bestAsk) },
  {
    name: 'bookreel_spooled_chunks',
    help: 'Chunks that wait for the seal or the store.',
    value: ({ spooledChunks }) => spooledChunks,
  },
  {
    name: 'bookreel_spooled_bytes',
    help: 'Bytes of entries held in the journal.',
    value: ({ spooledBytes }) => spooledBytes,
  },
  {
    name: 'bookreel_store_away_seconds',
    help: 'For how long the store has not answered; 0: it does.',
    value: ({ storeAway }) => (storeAway?.milliseconds ?? 0) / 1000,
  },
]

const numberOf = (text: string | null): number | undefined => (text === null ? undefined : Number(text))

/** Of Node's own metrics; their names are kept for counters. */
const MISNAMED = [
  'nodejs_active_resources_total',
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
]

export class RecorderMetrics {
  private readonly registry = new Registry()
  private readonly streams = STREAM_METRICS.map(({ name, help, value }) => ({
    value,
    metric: this.labelled(name, help, ['stream']),
  }))
  private readonly state = new Gauge({
    name: 'bookreel_stream_state',
    help: '1 for the state that the stream is in.',
    labelNames: ['stream', 'state'],
    registers: [this.registry],
  })
  private readonly product = new Gauge({
    name: 'bookreel_product_trading',
    help: '1 for how the venue says that the product trades.',
    labelNames: ['stream', 'trading'],
    registers: [this.registry],
  })
  private readonly latency = new Gauge({
    name: 'bookreel_latency_seconds',
    help: 'From venue to receipt, by percentile.',
    labelNames: ['stream', 'percentile'],
    registers: [this.registry],
  })
  private readonly paused = this.plain('bookreel_paused', '1: nothing is recorded, the disk is nearly full.')
  private readonly mode = new Gauge({
    name: 'bookreel_stream_mode',
    help: '1 for the mode that the stream is recorded in.',
    labelNames: ['stream', 'mode'],
    registers: [this.registry],
  })
  private readonly healthy = this.plain('bookreel_healthy', '1: every stream is alive and receives.')
  private readonly started = this.plain('bookreel_start_timestamp_seconds', 'When the recorder started.')
  private readonly free = this.plain('bookreel_disk_free_bytes', 'Free where entries are journaled.')
  private readonly restarts = this.labelled(
    'bookreel_pair_restarts_total',
    "Times that a pair's process was started again.",
    ['pair'],
  )

  constructor() {
    collectDefaultMetrics({ register: this.registry })
    for (const name of MISNAMED) this.registry.removeSingleMetric(name)
  }

  /** What is called a total is a counter. Both are set by `inc` after a `reset`. */
  private labelled(name: string, help: string, labelNames: string[]): Counter | Gauge {
    const settings = { name, help, labelNames, registers: [this.registry] }
    return name.endsWith('_total') ? new Counter(settings) : new Gauge(settings)
  }

  private plain(name: string, help: string): Gauge {
    return new Gauge({ name, help, registers: [this.registry] })
  }

  private setLatency({ stream, latency }: StreamStatus): void {
    if (latency === null) return
    for (const [percentile, micros] of [
      ['50', latency.p50],
      ['90', latency.p90],
      ['99', latency.p99],
    ] as const)
      this.latency.set({ stream, percentile }, micros / 1e6)
  }

  /** The text format of Prometheus, and its content type. */
  async render(report: RecorderReport): Promise<{ readonly contentType: string; readonly text: string }> {
    for (const { metric } of this.streams) metric.reset()
    this.state.reset()
    this.latency.reset()
    this.product.reset()
    this.restarts.reset()
    this.mode.reset()
    for (const status of report.streams) {
      for (const { metric, value } of this.streams) {
        const now = value(status)
        if (now !== undefined) metric.inc({ stream: status.stream }, now)
      }
      this.state.set({ stream: status.stream, state: status.state }, 1)
      if (status.product !== null)
        this.product.set({ stream: status.stream, trading: status.product.trading }, 1)
      this.setLatency(status)
      this.mode.set({ stream: status.stream, mode: status.mode }, 1)
    }
    for (const [pair, count] of Object.entries(report.restarts)) this.restarts.inc({ pair }, count)
    this.paused.set(Number(report.paused !== null))
    this.healthy.set(Number(report.healthy))
    this.started.set(report.startedAt / 1e6)
    if (report.freeBytes !== null) this.free.set(report.freeBytes)
    return { contentType: this.registry.contentType, text: await this.registry.metrics() }
  }
}
