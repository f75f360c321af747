/** Draws how long messages took from the venue's stamp to receipt. */
import type { LatencyBucket, LatencyHistogram } from '../../replay/derived/latency-histogram.ts'
import type { Report } from '../report.ts'
import { type Markup, markup } from './markup.ts'
import { percent, type Placed, placedBelow, type Plot } from './plot.ts'
import { durationText, numberText, numberTicks, type Scale } from './ticks.ts'

const MOST_BARS = 80
/** Room above the bars for the names of the lines. */
const HEADROOM = 1.35

const logarithm = (micros: number): number => Math.log10(Math.max(1, micros))

const shareOf = ({ low, high }: Scale, micros: number): number =>
  Math.min(1, Math.max(0, (logarithm(micros) - low) / (high - low)))

/** Round times: decades, parts of them where there are few, equal steps where there is not even one. */
const ticksOf = (axis: Scale): readonly Placed[] => {
  const [least, most] = [10 ** axis.low, 10 ** axis.high]
  const span = axis.high - axis.low
  const factors = span < 2.5 ? [1, 2, 5] : [1]
  const powers = Array.from(
    { length: Math.ceil(span) + 1 },
    (_, index) => 10 ** (Math.floor(axis.low) + index),
  )
  const values =
    span < 0.8
      ? numberTicks({ low: least, high: most }, 5).map(({ value }) => value)
      : powers.flatMap((power) => factors.map((factor) => factor * power))
  return values
    .filter((micros) => micros >= least * 0.999 && micros <= most * 1.001)
    .map((micros) => ({ share: shareOf(axis, micros), text: durationText(Math.round(micros)) }))
}

/** As fine as can be told apart. */
const barsOf = (latency: LatencyHistogram): readonly LatencyBucket[] => {
  const fine = latency.buckets()
  const doublings = Math.log2(Math.max(1, fine.at(-1)?.to ?? 1)) - Math.log2(Math.max(1, fine[0]?.from ?? 1))
  for (const merged of [1, 2, 4, 8])
    if ((doublings * 16) / merged <= MOST_BARS) return latency.buckets(merged)
  return latency.buckets(8)
}

const bar = ({ from, to, count }: LatencyBucket, axis: Scale, most: number): Markup => {
  const x = shareOf(axis, from)
  const height = count / most
  return markup`<rect class="latency" x="${percent(x)}" width="${percent(shareOf(axis, to) - x)}" y="${percent(1 - height)}" height="${percent(height)}"><title>${durationText(from)} to ${durationText(to)}: ${numberText(count, 0)}</title></rect>`
}

/** The text of a line stands on the side where there is room. */
const markOf = (name: string, micros: number, axis: Scale, line: number): Markup => {
  const share = shareOf(axis, micros)
  const isRight = share > 0.6
  return markup`<line class="mark" x1="${percent(share)}" x2="${percent(share)}" y1="0" y2="100%"/><svg x="${percent(share)}" overflow="visible"><text x="${isRight ? -5 : 5}" y="${14 + line * 15}" text-anchor="${isRight ? 'end' : 'start'}">${name} ${durationText(micros)}</text></svg>`
}

const within = (micros: number): string => (micros <= 0 ? 'no time at all' : durationText(micros))
const signed = (micros: number): string => (micros < 0 ? `−${durationText(-micros)}` : durationText(micros))

const aboutClocks = ({ below, beyond }: LatencyHistogram): string => {
  const disagree =
    below === 0
      ? ''
      : ` ${numberText(below, 0)} were received before the venue’s stamp: the two clocks disagree.`
  const past =
    beyond === 0 ? '' : ` ${numberText(beyond, 0)} of more than a minute tell of the past and are left out.`
  return disagree + past
}

export const latencyPlot = ({ collected: { latency } }: Report): Plot | undefined => {
  const figures = latency.figures()
  if (figures === null) return undefined
  const bars = barsOf(latency)
  const { count, least, p50, p90, p99, most } = figures
  const text = `${numberText(count, 0)} stamps: half within ${within(p50)}, 90 % within ${within(p90)}, 99 % within ${within(p99)}; least ${signed(least)}, most ${signed(most)}.`
  const [first, last] = [logarithm(bars[0]?.from ?? 1), logarithm(bars.at(-1)?.to ?? 10)]
  const padding = Math.max(0.02, (last - first) * 0.04)
  const axis = { low: Math.max(0, first - padding), high: last + padding }
  const highest = bars.reduce((greatest, one) => Math.max(greatest, one.count), 1) * HEADROOM
  const scale = { low: 0, high: highest }
  const marks = [['half', p50], ['90 %', p90], ['99 %', p99]] as const // prettier-ignore
  return {
    id: 'latency',
    title: 'From the venue to receipt',
    about: markup`${text}${aboutClocks(latency)}`,
    alternative: `Histogram of receive time less the venue’s time, on a logarithmic axis. ${text}`,
    height: 200,
    unit: 'stamps',
    across: 'receive time − venue time',
    yTicks: placedBelow(
      numberTicks(scale, 4).filter(({ value }) => Number.isInteger(value)),
      scale,
    ),
    xTicks: ticksOf(axis),
    drawing: [
      ...bars.map((one) => bar(one, axis, highest)),
      ...marks.map(([name, micros], line) => (micros > 0 ? markOf(name, micros, axis, line) : markup``)),
    ],
    isOverTime: false,
  }
}
