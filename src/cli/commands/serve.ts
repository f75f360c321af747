/** `bookreel serve`: stored streams served as their venues on loopback, until it is told to stop. */
import type { CommandModule } from 'yargs'

import { startServe } from '../../../simulator/playback/start-serve.ts'
import { streamsOf, withStoreAt } from '../archive.ts'
import { durationOf } from '../options.ts'
import { printJson } from '../printing/output.ts'
import { Problem } from '../problem.ts'
import { type ServeArguments, serveOptionsOf, withServeOptions } from '../serving/serve-options.ts'
import { ended, started, tellHowToRecord, tellWhere, untilStopped } from '../serving/served-venues.ts'

const serve = async (args: ServeArguments): Promise<void> => {
  const options = serveOptionsOf(args)
  if (args.for !== undefined) durationOf('for', args.for)
  await withStoreAt(args.store, 'read', async (store) => {
    const streams = await streamsOf(store, args.streams ?? [])
    if (streams.length === 0) throw new Problem('The store is empty: there is nothing to serve.')
    const names = streams.map(({ stream }) => stream)
    const serving = await started(options.port, startServe({ ...options, store, streams }))
    if (args.json) printJson({ venues: serving.endpoints, streams: names })
    else {
      tellWhere(serving.endpoints)
      const pairs = names.map((name) => name.slice(name.indexOf(':') + 1))
      tellHowToRecord([...new Set(pairs)].join(' '), serving.endpoints, true)
    }
    await untilStopped(args.for)
    await ended(serving.stop())
    const problem = serving.problem()
    if (problem !== undefined) throw new Problem(problem)
  })
}

export const serveCommand: CommandModule<unknown, ServeArguments> = {
  command: 'serve [streams..]',
  describe: 'Serve what was stored as live venues on this machine, at any speed',
  builder: (command) =>
    withServeOptions(command)
      .example('$0 serve coinbase:BTC-USD', 'as it was, with its REST book of the moment')
      .example(
        '$0 serve coinbase:BTC-USD bitfinex:BTC-USD --speed 10',
        'two venues in step, ten times as fast',
      )
      .example('$0 serve bitfinex:BTC-USD --from 2026-01-31T12:00:00Z --speed max', 'from noon, flat out'),
  handler: serve,
}
