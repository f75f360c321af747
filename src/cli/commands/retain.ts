/** `bookreel retain`: deletes what is older than an age, as often as it is run. */
import type { CommandModule } from 'yargs'

import { microsOf, microsToIso } from '../../market/time.ts'
import { deleteEntries } from '../../recorder/upkeep/deletion.ts'
import { type DeletionPlan, planRetention } from '../../recorder/upkeep/deletion-plan.ts'
import { checkIsKept, streamsOf, withStoreAt } from '../archive.ts'
import { durationOf, withStore } from '../options.ts'
import { bytesText, print, printJson } from '../printing/output.ts'
import { newProgress } from '../printing/progress.ts'
import { describeRange } from './delete.ts'

interface RetainArguments {
  store: string
  json: boolean
  streams: string[] | undefined
  'older-than': string
  'dry-run': boolean
}

const tellPlan = (plan: DeletionPlan, isDryRun: boolean): void => {
  const { stream, wholeChunks, storedBytes } = plan
  const what = `${String(wholeChunks)} chunks, ${bytesText(storedBytes)}`
  print(`${stream}: ${isDryRun ? 'would delete' : 'deleted'} ${describeRange(plan)}: ${what}`)
}

const retain = async (args: RetainArguments): Promise<void> => {
  const { store: url, json, streams, 'older-than': age, 'dry-run': isDryRun } = args
  const now = Date.now() * 1000
  const before = microsOf(Math.max(0, now - durationOf('older-than', age)))
  const reason = `Older than ${age}: deleted with "bookreel retain" on ${microsToIso(microsOf(now))}.`
  checkIsKept(url)
  await withStoreAt(url, isDryRun ? 'read' : 'change', async (store) => {
    const done: DeletionPlan[] = []
    for (const { stream, venue } of await streamsOf(store, streams ?? [])) {
      const plan = await planRetention(store, stream, before)
      if (plan === undefined) continue
      const progress = newProgress(`delete ${stream}`, plan.entries, 'entries')
      const options = { store, venue, plan, keepsBook: true, reason, onEntries: progress.add }
      if (!isDryRun) await deleteEntries(options).finally(progress.stop)
      done.push(plan)
    }
    if (json) printJson({ dryRun: isDryRun, before, deleted: done })
    else if (done.length === 0) print(`Nothing is older than ${age}: nothing was changed.`)
    else for (const plan of done) tellPlan(plan, isDryRun)
  })
}

export const retainCommand: CommandModule<unknown, RetainArguments> = {
  command: 'retain [streams..]',
  describe: 'Delete chunks that are wholly older than an age, also while recording; for cron',
  builder: (command) =>
    withStore(
      command.positional('streams', { type: 'string', array: true, describe: 'Streams; all if left out' }),
    )
      .option('older-than', {
        type: 'string',
        demandOption: true,
        requiresArg: true,
        describe: 'Age of entries that may go, such as 90d or 12h',
      })
      .option('dry-run', { type: 'boolean', default: false, describe: 'Only show what would be deleted' })
      .example('$0 retain --older-than 90d', 'every stream of ./bookreel-data; run it daily')
      .example('$0 retain coinbase:BTC-USD --older-than 365d --dry-run', 'what would go of one stream'),
  handler: retain,
}
