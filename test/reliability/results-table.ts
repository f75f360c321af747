/** The page of results: one table between two marks, made anew from all finished rounds. */
import { readFileSync, writeFileSync } from 'node:fs'

import { PARTS, type RoundResult, sumFigures } from './round-results.ts'

const BEGIN = '<!-- results: written by npm run reliability -->'
const END = '<!-- end of results -->'

const HEAD = [
  '| proof | command | rounds | what happened and was compared | failures | last round | version (rounds) | machine |',
  '| --- | --- | --: | --- | --- | --- | --- | --- |',
]

const numberText = (value: number): string => Math.round(value).toLocaleString('en')

const figuresText = (rounds: readonly RoundResult[]): string =>
  Object.entries(sumFigures(rounds))
    .map(([name, value]) => `${name} ${numberText(value)}`)
    .join(', ')

/** What the rounds ran on, newest last. */
const versionsText = (rounds: readonly RoundResult[]): string => {
  const counts = new Map<string, number>()
  for (const { version = 'not noted' } of rounds) counts.set(version, (counts.get(version) ?? 0) + 1)
  return [...counts].map(([version, count]) => `${version} (${numberText(count)})`).join(', ')
}

const rowText = (rounds: readonly RoundResult[]): string => {
  const last = rounds.at(-1)
  const failures = rounds.flatMap((round) => round.failures)
  const cells = [
    last?.row,
    `\`npm run reliability -- --only ${last?.part ?? ''}\``,
    numberText(rounds.length),
    figuresText(rounds),
    failures.length === 0 ? 'none' : `**${numberText(failures.length)}**`,
    last?.date.slice(0, 16).replace('T', ' '),
    versionsText(rounds),
    last?.machine,
  ]
  return `| ${cells.map((cell) => (cell ?? '').replaceAll('|', '/')).join(' | ')} |`
}

/** Markdown: a line for each row that has rounds, in the order of the parts, then of the rows' first rounds. */
const tableText = (results: readonly RoundResult[]): string => {
  const lines = PARTS.flatMap((part) => {
    const own = results.filter((result) => result.part === part)
    const rows = [...new Set(own.map(({ row }) => row))].sort()
    return rows.map((row) => rowText(own.filter((result) => result.row === row)))
  })
  return [...HEAD, ...lines].join('\n')
}

/** Puts the table in its place in the page. Throws when the page has none. */
export const writeTable = (page: string, results: readonly RoundResult[]): void => {
  const text = readFileSync(page, 'utf8')
  const [from, to] = [text.indexOf(BEGIN), text.indexOf(END)]
  if (from < 0 || to < from) throw new Error(`${page} has no place for results`)
  writeFileSync(page, `${text.slice(0, from)}${BEGIN}\n\n${tableText(results)}\n\n${text.slice(to)}`)
}
