/** `bookreel book`: one book at one instant. */
import type { CommandModule } from 'yargs'

import { OpenThreads } from '../../app/replaying/open-threads.ts'
import { renderBook } from '../../replay/derived/book-row.ts'
import { playMerged } from '../../replay/merge.ts'
import { StreamPlayer } from '../../replay/reading/stream-player.ts'
import { streamsOf, withStoreAt } from '../archive.ts'
import { countOf, positionOf, withStore } from '../options.ts'
import { bookPicture } from '../printing/book-picture.ts'
import { print, printJson } from '../printing/output.ts'
import { Problem } from '../problem.ts'

interface BookArguments {
  store: string
  json: boolean
  stream: string | undefined
  at: string | undefined
  depth: number
}

export const bookCommand: CommandModule<unknown, BookArguments> = {
  command: 'book <stream>',
  describe: 'Show the book of a stream at one instant, order by order where the venue tells',
  builder: (command) =>
    withStore(command.positional('stream', { type: 'string', describe: 'Such as coinbase:BTC-USD' }))
      .option('at', {
        type: 'string',
        requiresArg: true,
        describe: 'Instant (ISO-8601 or microseconds) or entry (seq:N), included; the end if left out',
      })
      .option('depth', { type: 'number', default: 10, describe: 'Levels a side to draw (--json has all)' })
      .example('$0 book coinbase:BTC-USD', 'the last book recorded')
      .example('$0 book coinbase:BTC-USD --at 2026-01-31T12:00:00Z --json', 'every order at noon')
      .example('$0 book bitfinex:BTC-USD --at seq:5000', 'after entry 5000'),
  handler: async ({ store: url, json, stream: name, at, depth: wantedDepth }) => {
    const depth = countOf('depth', wantedDepth)
    const to = at === undefined ? undefined : positionOf('at', at)
    await withStoreAt(url, 'read', async (store) => {
      const [found] = await streamsOf(store, [name ?? ''])
      if (found === undefined) return
      const { stream, venue } = found
      const opener = new OpenThreads()
      const player = new StreamPlayer({ store, stream, venue, range: { from: to, to }, opener })
      try {
        await player.seek()
        await playMerged([player], {})
      } finally {
        await opener.close()
      }
      player.settle()
      const book = renderBook(stream, player.keeper)
      if (book.seq === 0)
        throw new Problem(`${stream} begins after ${at ?? ''}: "bookreel info ${stream}" shows its span.`)
      if (to?.kind === 'seq' && book.seq < to.seq)
        throw new Problem(
          `${stream} ends at entry ${String(book.seq)}: entry ${String(to.seq)} is not stored.`,
        )
      if (json) printJson(book)
      else print(bookPicture(book, depth))
    })
  },
}
