/** What a report says in words and numbers: the summary, what went wrong when, and the drawings as a table. */
import { type Micros } from '../../market/time.ts'
import type { QualitySpan } from '../collecting/quality-columns.ts'
import { type Incident, REASON_TEXTS, type Report } from '../report.ts'
import { usableShares } from '../usable-shares.ts'
import { type Markup, markup } from './markup.ts'
import { durationText, numberText, percentText, shortNumber, timeText } from './ticks.ts'

const count = (value: number): string => numberText(value, 0)

interface Row {
  readonly name: string
  readonly value: Markup | string
  /** The bare figure, for machines. */
  readonly figure?: readonly [id: string, value: string | number]
}

const bookText = ({ figures: { book } }: Report): string => {
  const state = book.valid ? (book.verified ? 'valid and verified' : 'valid') : `not usable: ${REASON_TEXTS[book.reason ?? 'no-snapshot']}`
  const best = book.bestBid === null || book.bestAsk === null ? '' : `, ${book.bestBid} / ${book.bestAsk}`
  return `${state}${best}`
} // prettier-ignore

const summaryRows = (report: Report): readonly Row[] => {
  const { stream, venue, base, quote, software, figures, collected } = report
  const { columns, trades } = collected
  const [valid, verified] = usableShares(report)
  const { checksums, book } = figures
  return [
    { name: 'Stream', value: `${stream} (${base} in ${quote} on ${venue})`, figure: ['stream', stream] },
    { name: 'From', value: `${timeText(columns.start)} UTC`, figure: ['from', columns.start] },
    { name: 'To', value: `${timeText(columns.end)} UTC`, figure: ['to', columns.end] },
    { name: 'Length', value: durationText(columns.end - columns.start) },
    { name: 'Entries', value: `${count(figures.entries)}, ${count(figures.firstSeq)} to ${count(figures.lastSeq)}`, figure: ['entries', figures.entries] },
    { name: 'Frames', value: count(figures.frames), figure: ['frames', figures.frames] },
    { name: 'Market events', value: count(figures.events), figure: ['events', figures.events] },
    { name: 'Trades', value: trades.trades === figures.trades ? count(figures.trades) : `${count(figures.trades)} told, ${count(trades.trades)} of them once`, figure: ['trades', figures.trades] },
    { name: 'Volume', value: `${trades.volumeText()} ${base}`, figure: ['volume', trades.volumeText()] },
    { name: 'Gaps', value: count(figures.gaps), figure: ['gaps', figures.gaps] },
    { name: 'Interruptions', value: count(figures.disconnects), figure: ['disconnects', figures.disconnects] },
    { name: 'Missing entries', value: count(figures.missingEntries), figure: ['missing-entries', figures.missingEntries] },
    { name: 'Checksums', value: `${count(checksums.right)} right, ${count(checksums.wrong)} wrong`, figure: ['checksums', `${String(checksums.right)}/${String(checksums.wrong)}`] },
    { name: 'Frames not understood', value: count(figures.undecodedFrames), figure: ['undecoded', figures.undecodedFrames] },
    { name: 'Book usable', value: `${percentText(valid)} of the time`, figure: ['valid-share', valid] },
    { name: 'Proved by the venue', value: `${percentText(verified)} of the time`, figure: ['verified-share', verified] },
    { name: 'Book at the end', value: bookText(report), figure: ['book-valid', String(book.valid)] },
    { name: 'Digest of that book', value: markup`<code>${book.digest}</code> after entry ${count(book.digestSeq)}`, figure: ['digest', book.digest] },
    { name: 'Head of the whole log', value: figures.head === '' ? 'hidden by damage' : markup`<code>${figures.head}</code>`, figure: ['head', figures.head] },
    { name: 'Software', value: `${software}, decoder ${figures.decoderVersions.join(', ')}`, figure: ['software', software] },
  ]
} // prettier-ignore

export const summaryTable = (report: Report): Markup => {
  const rows = summaryRows(report).map(({ name, value, figure }) => {
    const cell = typeof value === 'string' ? markup`${value}` : value
    return figure === undefined
      ? markup`<tr><th scope="row">${name}</th><td>${cell}</td></tr>`
      : markup`<tr><th scope="row">${name}</th><td data-figure="${figure[0]}" data-value="${figure[1]}">${cell}</td></tr>`
  })
  return markup`<section id="summary"><h2>Summary</h2><table class="summary"><tbody>${rows}</tbody></table></section>`
}

/** The five figures that say most, large. */
export const tiles = (report: Report): Markup => {
  const { figures, collected } = report
  const [valid, verified] = usableShares(report)
  const latency = collected.latency.figures()
  const told: readonly (readonly [string, string])[] = [
    [percentText(valid), 'of the time usable'],
    [percentText(verified), 'proved by the venue'],
    [count(figures.gaps), figures.gaps === 1 ? 'gap' : 'gaps'],
    [count(figures.frames), 'frames'],
    [count(figures.trades), 'trades'],
    [latency === null ? '–' : latency.p50 <= 0 ? '≤ 0 µs' : durationText(latency.p50), 'median latency'],
  ]
  return markup`<ul class="tiles">${told.map(([value, name]) => markup`<li><b>${value}</b> ${name}</li>`)}</ul>`
}

const table = (head: readonly string[], rows: readonly (readonly string[])[]): Markup =>
  markup`<div class="wide" tabindex="0" role="region" aria-label="${head.join(', ')}"><table><thead><tr>${head.map((name) => markup`<th scope="col">${name}</th>`)}</tr></thead><tbody>${rows.map((row) => markup`<tr>${row.map((cell) => markup`<td>${cell}</td>`)}</tr>`)}</tbody></table></div>`

const details = (title: string, content: Markup): Markup =>
  markup`<details><summary>${title}</summary>${content}</details>`

const further = (hidden: number): Markup | undefined =>
  hidden > 0 ? markup`<p>… and ${count(hidden)} more.</p>` : undefined

const whenText = (time: Micros | undefined): string => (time === undefined ? '–' : timeText(time))

const causeText = (cause: string): string =>
  (REASON_TEXTS as Readonly<Record<string, string>>)[cause] ?? cause

const STATES = { verified: 'usable, proved', valid: 'usable, not proved', invalid: 'no usable book' } as const

const spanRow = ({ state, reason, start, end, seq }: QualitySpan): readonly string[] => [
  timeText(start), durationText(end - start), count(seq), STATES[state], reason === undefined ? '' : REASON_TEXTS[reason],
] // prettier-ignore

const incidentRow = ({ time, seq, cause, expected, found }: Incident): readonly string[] => [
  whenText(time), count(seq), causeText(cause), expected, found,
] // prettier-ignore

/** What is drawn, as rows for about a dozen times. */
const partRows = ({ collected: { columns, prices, quality, trades } }: Report): readonly (readonly string[])[] => {
  const parts = Math.min(12, columns.count)
  const marks = trades.all()
  return Array.from({ length: parts }, (_, part) => {
    const from = Math.floor((part * columns.count) / parts)
    const to = Math.floor(((part + 1) * columns.count) / parts)
    const sum = (values: Float64Array): number => values.subarray(from, to).reduce((total, value) => total + value, 0)
    const last = (values: Float64Array): number => values.subarray(from, to).filter((value) => !Number.isNaN(value)).at(-1) ?? NaN
    const valid = sum(quality.verified) + sum(quality.valid)
    const own = marks.filter((mark) => mark.from >= from && mark.from < to)
    return [
      timeText(columns.startOf(from)),
      shortNumber(last(prices.lastBid), 10),
      shortNumber(last(prices.lastAsk), 10),
      shortNumber(sum(prices.spreadTime) / sum(prices.sidedTime)),
      count(own.reduce((total, mark) => total + mark.trades, 0)),
      shortNumber(own.reduce((total, mark) => total + mark.volume, 0)),
      percentText(valid / Math.max(1, valid + sum(quality.invalid))),
    ]
  })
} // prettier-ignore

export const detailTables = (report: Report): readonly Markup[] => {
  const { gaps, disconnects, figures, collected, base, quote } = report
  const { spans, further: hidden } = collected.quality
  const incidents = [...gaps, ...disconnects].sort((left, right) => left.seq - right.seq)
  const unlisted = figures.gaps + figures.disconnects - incidents.length
  return [
    details('The drawings as a table', table(['from (UTC)', `bid at the end (${quote})`, `ask at the end (${quote})`, `mean spread (${quote})`, 'trades', `volume (${base})`, 'usable'], partRows(report))),
    details(`Times of one quality (${count(spans.length + hidden)})`, markup`${table(['from (UTC)', 'for', 'from entry', 'book', 'why'], spans.map(spanRow))}${further(hidden)}`),
    incidents.length === 0
      ? markup`<p>No gap and no interruption in this range.</p>`
      : details(`Gaps and interruptions (${count(figures.gaps + figures.disconnects)})`, markup`${table(['at (UTC)', 'entry', 'cause', 'expected', 'found'], incidents.map(incidentRow))}${further(unlisted)}`),
  ]
} // prettier-ignore
