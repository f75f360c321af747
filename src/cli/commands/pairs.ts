/** `bookreel pairs`: what the venues offer. */
import { isLeft } from 'fp-ts/lib/Either.js'
import type { CommandModule } from 'yargs'

import { venues } from '../../app/production.ts'
import { offeredPairs } from '../../app/recording/offered-pairs.ts'
import { chooseVenues, readEndpoints } from '../../app/venue-choice.ts'
import type { OfferedPair } from '../../venues/venue.ts'
import { print, printJson, table, tell } from '../printing/output.ts'
import { EXIT, Problem, usageProblem } from '../problem.ts'

interface PairsArguments {
  readonly search: string | undefined
  readonly venue: readonly string[] | undefined
  readonly endpoint: readonly string[] | undefined
  readonly json: boolean
}

type Row = OfferedPair & { readonly venue: string }

const asTable = (rows: readonly Row[]): string =>
  table([
    ['venue', 'pair', 'symbol', 'price step', 'size step', 'status'],
    ...rows.map(({ venue, pair, symbol, status, priceIncrement, sizeIncrement }) => [
      venue,
      pair,
      symbol,
      priceIncrement ?? '-',
      sizeIncrement ?? '-',
      status ?? '-',
    ]),
  ])

const listPairs = async ({ search, venue, endpoint, json }: PairsArguments): Promise<void> => {
  const chosen = chooseVenues(venue ?? [], venues)
  if (isLeft(chosen)) throw usageProblem(chosen.left)
  const endpoints = readEndpoints(endpoint ?? [], venues)
  if (isLeft(endpoints)) throw usageProblem(endpoints.left)
  const { signal } = new AbortController()
  const answers = await Promise.all(
    chosen.right.map(async (asked) => ({
      asked,
      answer: await offeredPairs(asked, endpoints.right.get(asked.id)?.rest ?? asked.endpoints.rest, signal),
    })),
  )
  const wanted = search?.toUpperCase()
  const rows: Row[] = []
  const troubles: string[] = []
  for (const { asked, answer } of answers) {
    if (isLeft(answer)) troubles.push(answer.left)
    else
      for (const offered of answer.right)
        if (wanted === undefined || offered.pair.includes(wanted) || offered.symbol.includes(wanted))
          rows.push({ venue: asked.id, ...offered })
  }
  if (troubles.length === answers.length) throw new Problem(troubles.join('\nbookreel: '))
  for (const trouble of troubles) tell(`bookreel: ${trouble}`)
  if (troubles.length > 0) process.exitCode = EXIT.failed
  if (json) printJson({ pairs: rows })
  else if (rows.length === 0) print(`No venue offers a pair with "${search ?? ''}" in its name.`)
  else print(asTable(rows))
}

export const pairsCommand: CommandModule<unknown, PairsArguments> = {
  command: 'pairs [search]',
  describe: 'List the pairs that the venues offer',
  builder: (command) =>
    command
      .positional('search', { type: 'string', describe: 'Only pairs with this in their name' })
      .option('venue', {
        type: 'string',
        array: true,
        nargs: 1,
        describe: 'Venue to ask (default: all); repeatable',
      })
      .option('endpoint', {
        type: 'string',
        array: true,
        nargs: 1,
        describe: 'coinbase.rest=URL, bitfinex.rest=URL; repeatable',
      })
      .option('json', { type: 'boolean', default: false, describe: 'Print results as JSON, for machines' })
      .example('$0 pairs BTC', 'every pair with BTC in its name')
      .example('$0 pairs --venue coinbase --json', 'all pairs of one venue, for machines'),
  handler: listPairs,
}
