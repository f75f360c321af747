/** `bookreel backup`: a copy of an embedded store, made while it may be recorded into, and proved. */
import type { CommandModule } from 'yargs'

import { type BackupResult, backupStore, folderOfStore } from '../../app/archive/backup-store.ts'
import { storeProblem } from '../archive.ts'
import { withStore } from '../options.ts'
import { bytesText, print, printJson } from '../printing/output.ts'
import { newProgress, type Progress } from '../printing/progress.ts'
import { EXIT, usageProblem } from '../problem.ts'

interface BackupArguments {
  store: string
  json: boolean
  to: string
}

const tellResult = ({ backup, bytes, streams }: BackupResult): void => {
  for (const { stream, entries, lastSeq, head, damage } of streams) {
    print(`${stream}: ${String(entries)} entries, head ${String(lastSeq)}:${head}`)
    for (const detail of damage) print(`${stream}: damaged in the store, and so in its copy: ${detail}`)
  }
  print(`${backup}: ${bytesText(bytes)}; open it with --store file:${backup}`)
}

const backup = async ({ store, json, to }: BackupArguments): Promise<void> => {
  const from = folderOfStore(store)
  if (from === undefined)
    throw usageProblem(
      'Only an embedded store (file:DIR) is backed up: of one in MongoDB make a copy with "bookreel pull --from mongodb://…", or use mongodump.',
    )
  let progress: Progress | undefined
  const begin = (label: string, total: number, unit: string): void => {
    progress?.stop()
    progress = newProgress(label, total, unit)
  }
  const add = (amount: number): void => progress?.add(amount)
  const watch = {
    onCopying: (bytes: number) => {
      begin('copy', bytes, 'bytes')
    },
    onProving: (entries: number) => {
      begin('prove', entries, 'entries')
    },
    onBytes: add,
    onEntries: add,
  }
  const result = await backupStore(from, to.replace(/^file:/, ''), watch).finally(() => progress?.stop())
  if (json) printJson(result)
  else tellResult(result)
  if (result.streams.some(({ damage }) => damage.length > 0)) process.exitCode = EXIT.damage
}

export const backupCommand: CommandModule<unknown, BackupArguments> = {
  command: 'backup',
  describe: 'Copy an embedded store into a new folder, also while it is recorded into, and prove the copy',
  builder: (command) =>
    withStore(command)
      .option('to', {
        type: 'string',
        demandOption: true,
        requiresArg: true,
        describe: 'The folder of the copy, new or empty',
      })
      .example(
        '$0 backup --to /backups/2026-11-22',
        'opened like any store: --store file:/backups/2026-11-22',
      ),
  handler: async (args) => {
    await backup(args).catch(storeProblem)
  },
}
