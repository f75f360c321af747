/** `bookreel repair`: puts damaged chunks aside, so that what stands behind them can be used again. */
import type { CommandModule } from 'yargs'

import { whileOwning } from '../../app/archive/own-stream.ts'
import { planRepair, repair, type RepairStep } from '../../recorder/upkeep/repair.ts'
import { agree } from '../agreement.ts'
import { checkSpool, streamsOf, withStoreAt } from '../archive.ts'
import { withSpool, withStore } from '../options.ts'
import { print, printJson } from '../printing/output.ts'
import { newProgress } from '../printing/progress.ts'

interface RepairArguments {
  store: string
  json: boolean
  streams: string[] | undefined
  spool: string | undefined
  yes: boolean
}

const describeStep = ({ stream, details, firstSeqs, tombstone }: RepairStep): readonly string[] => {
  const aside = firstSeqs.length === 0 ? 'nothing' : `what is stored at entry ${firstSeqs.join(', ')}`
  const hole =
    tombstone === undefined
      ? 'no entry is missing then'
      : `a hole from entry ${String(tombstone.firstSeq)} to ${String(tombstone.lastSeq)} is noted`
  return [...details.map((detail) => `${stream}: ${detail}`), `${stream}: puts ${aside} aside; ${hole}`]
}

export const repairCommand: CommandModule<unknown, RepairArguments> = {
  command: 'repair [streams..]',
  describe: 'Put damaged chunks aside and note the hole, so that all else can be used; deletes nothing',
  builder: (command) =>
    withSpool(
      withStore(
        command.positional('streams', { type: 'string', array: true, describe: 'Streams; all if left out' }),
      ),
    )
      .option('yes', { type: 'boolean', default: false, describe: 'Do not ask; needed in scripts' })
      .example('$0 repair', 'shows what is damaged, asks, puts it aside')
      .example('$0 repair coinbase:BTC-USD --yes --json', 'in a script'),
  handler: async ({ store: url, json, streams, spool, yes }) => {
    checkSpool(url, spool)
    await withStoreAt(url, 'change', async (store) => {
      const done: RepairStep[] = []
      for (const { stream } of await streamsOf(store, streams ?? []))
        await whileOwning({ url, spool, store }, stream, async () => {
          const entries = (await store.parts(stream)).reduce(
            (sum, part) => sum + (part.kind === 'chunk' ? part.header.entries : 0),
            0,
          )
          const progress = newProgress(`check ${stream}`, entries, 'entries')
          const plan = await planRepair(store, stream, progress.add).finally(progress.stop)
          if (plan.length === 0) return
          await agree(plan.flatMap(describeStep), {
            question: 'Put these chunks aside? Nothing is deleted.',
            what: 'put these chunks aside',
            yes,
          })
          await repair(store, plan)
          for (const step of plan) done.push(step)
        })
      if (json) printJson({ repaired: done })
      else if (done.length === 0) print('Nothing is damaged: nothing was changed.')
      else for (const line of done.flatMap(describeStep)) print(line)
    })
  },
}
