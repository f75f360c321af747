/** Draws when a book could be used and was proved, and where it broke. */
import type { Report } from '../report.ts'
import { REASON_TEXTS } from '../report.ts'
import { usableShares } from '../usable-shares.ts'
import { type Markup, markup } from './markup.ts'
import { coveredHoles, keyItem, percent, placedTimes, type Plot, stretched } from './plot.ts'
import { durationText, percentText } from './ticks.ts'

/** Neighbours of one height are one rectangle. */
const shares = (values: readonly number[]): string => {
  let path = ''
  for (let column = 0; column < values.length;) {
    const value = values[column] ?? 0
    let end = column + 1
    while (values[end] === value) end++
    if (value > 0) {
      const top = String(Math.round((1 - value) * 1000))
      path += `M${String(column)} 1000V${top}H${String(end)}V1000z`
    }
    column = end
  }
  return path
}

const breakMarks = ({ collected: { quality, columns } }: Report): readonly Markup[] =>
  [...quality.breaks].flatMap((count, column) =>
    count === 0
      ? []
      : [
          markup`<use href="#break" x="${percent((column + 0.5) / columns.count)}" y="100%"><title>broke ${count}×</title></use>`,
        ],
  )

/** `wrong checksum 3×, connection lost 1×`, most first. */
const breaksText = ({ collected: { quality } }: Report): string => {
  const causes = [...quality.breaksBy].sort(([, left], [, right]) => right - left)
  if (causes.length === 0) return 'The book never broke.'
  const told = causes.map(([reason, count]) => `${REASON_TEXTS[reason]} ${String(count)}×`)
  return `The book broke: ${told.join(', ')}.`
}

export const qualityPlot = (report: Report): Plot => {
  const { columns, quality } = report.collected
  const [usable, proved] = usableShares(report)
  const unusable = [...quality.invalidTimes].map(
    ([reason, time]) => `${REASON_TEXTS[reason]} ${durationText(time)}`,
  )
  const without = unusable.length === 0 ? '' : ` No usable book: ${unusable.join(', ')}.`
  const text = `Usable ${percentText(usable)} of the time, proved by the venue ${percentText(proved)}.${without} ${breaksText(report)}`
  const known = [...quality.valid].map((valid, column) => valid + (quality.verified[column] ?? 0))
  return {
    id: 'quality',
    title: 'Data quality',
    about: markup`${text}`,
    alternative: `Strip of data quality over time. ${text}`,
    height: 34,
    unit: '',
    across: 'UTC',
    yTicks: [],
    xTicks: placedTimes(columns),
    drawing: [
      stretched(
        columns.count,
        markup`<path class="usable" d="${shares(known.map((time) => (time > 0 ? 1 : 0)))}"/>`,
        markup`<path class="verified" d="${shares(known.map((time, column) => (time > 0 ? (quality.verified[column] ?? 0) / time : 0)))}"/>`,
      ),
      ...coveredHoles(columns, quality.holes),
      ...breakMarks(report),
    ],
    key: markup`${keyItem('verified', 'usable and proved by the venue')}${keyItem('usable', 'usable, not proved')}${keyItem('hole', 'no usable book')}${keyItem('break', 'the book broke')}`,
    isOverTime: true,
  }
}
