/** `bookreel delete`: takes a range of one stream out of a store, leaving a tombstone in its chain. */
import type { CommandModule } from 'yargs'

import { whileOwning } from '../../app/archive/own-stream.ts'
import type { EventStore } from '../../log/event-store.ts'
import { microsToIso } from '../../market/time.ts'
import { deleteEntries } from '../../recorder/upkeep/deletion.ts'
import { type DeletionPlan, planDeletion } from '../../recorder/upkeep/deletion-plan.ts'
import type { ReplayRange } from '../../replay/position.ts'
import type { Venue } from '../../venues/venue.ts'
import { agree } from '../agreement.ts'
import { checkSpool, streamNamed, streamsOf, withStoreAt } from '../archive.ts'
import { rangeOf, withRange, withSpool, withStore } from '../options.ts'
import { print, printJson } from '../printing/output.ts'
import { newProgress } from '../printing/progress.ts'
import { usageProblem } from '../problem.ts'

interface DeleteArguments {
  store: string
  json: boolean
  stream: string
  spool: string | undefined
  from: string | undefined
  to: string | undefined
  'keep-book': boolean
  'dry-run': boolean
  yes: boolean
}

/** `entries 501 to 1000 (500 stored), 2026-01-31T… to 2026-02-01T…`. */
export const describeRange = (plan: DeletionPlan): string => {
  const { firstSeq, lastSeq, entries, firstReceiveTime, lastReceiveTime } = plan
  const times = `${microsToIso(firstReceiveTime)} to ${microsToIso(lastReceiveTime)}`
  return `entries ${String(firstSeq)} to ${String(lastSeq)} (${String(entries)} of them stored), ${times}`
}

const checkRange = ({ from, to }: DeleteArguments): ReplayRange => {
  if (from === undefined && to === undefined)
    throw usageProblem('Say what to delete: --from and --to, or --from seq:1 for everything.')
  return rangeOf(from, to)
}

const reasonFor = ({ from, to }: DeleteArguments): string => {
  const asked = [from === undefined ? '' : ` --from ${from}`, to === undefined ? '' : ` --to ${to}`].join('')
  return `Deleted with "bookreel delete${asked}" on ${new Date().toISOString()}.`
}

interface Deleting {
  readonly store: EventStore
  readonly venue: Venue
  readonly plan: DeletionPlan
}

const carryOut = async ({ store, venue, plan }: Deleting, args: DeleteArguments): Promise<boolean> => {
  await agree([`${plan.stream}: deletes ${describeRange(plan)}`], {
    question: 'Delete these entries for good?',
    what: 'delete these entries for good',
    yes: args.yes,
  })
  const progress = newProgress(`delete ${plan.stream}`, plan.entries, 'entries')
  const options = { store, venue, plan, keepsBook: args['keep-book'], reason: reasonFor(args) }
  return (await deleteEntries({ ...options, onEntries: progress.add }).finally(progress.stop)).bookIsKnown
}

const tellResult = (plan: DeletionPlan | undefined, isDryRun: boolean, bookIsKnown: boolean): void => {
  if (plan === undefined) {
    print('None of these entries is stored: nothing was changed.')
    return
  }
  const { stream } = plan
  print(`${stream}: ${isDryRun ? 'would delete' : 'deleted'} ${describeRange(plan)}`)
  if (!isDryRun && !bookIsKnown)
    print(`${stream}: the book behind them is invalid until the next snapshot, run or keyframe`)
}

const deleteRange = async (args: DeleteArguments): Promise<void> => {
  const range = checkRange(args)
  const { stream, venue } = streamNamed(args.stream)
  const isDryRun = args['dry-run']
  checkSpool(args.store, args.spool)
  await withStoreAt(args.store, isDryRun ? 'read' : 'change', async (store) => {
    await streamsOf(store, [stream])
    let plan = await planDeletion(store, stream, range)
    let bookIsKnown = false
    if (plan !== undefined && !isDryRun) {
      if (plan.reachesEnd)
        await whileOwning({ url: args.store, spool: args.spool, store }, stream, async () => {
          // What was recorded until now belongs to the range as well.
          plan = await planDeletion(store, stream, range)
          if (plan !== undefined) bookIsKnown = await carryOut({ store, venue, plan }, args)
        })
      else bookIsKnown = await carryOut({ store, venue, plan }, args)
    }
    if (args.json)
      printJson({ dryRun: isDryRun, deleted: plan === undefined ? null : { ...plan, bookIsKnown } })
    else tellResult(plan, isDryRun, bookIsKnown)
  })
}

export const deleteCommand: CommandModule<unknown, DeleteArguments> = {
  command: 'delete <stream>',
  describe: 'Delete a range of a stream for good; a tombstone in its chain says so ever after',
  builder: (command) =>
    withRange(
      withSpool(
        withStore(
          command.positional('stream', { type: 'string', demandOption: true, describe: 'The stream' }),
        ),
      ),
    )
      .option('keep-book', {
        type: 'boolean',
        default: false,
        describe: 'Keep the book as it stood at the end of the range, so that it is known behind it at once',
      })
      .option('dry-run', { type: 'boolean', default: false, describe: 'Only show what would be deleted' })
      .option('yes', { type: 'boolean', default: false, describe: 'Do not ask; needed in scripts' })
      .example('$0 delete coinbase:BTC-USD --from 2026-01-01 --to 2026-01-02 --dry-run', 'what would go')
      .example('$0 delete coinbase:BTC-USD --from seq:5000 --to seq:7000 --yes', 'exactly 2,001 entries'),
  handler: deleteRange,
}
