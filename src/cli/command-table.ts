/** The commands, by the word each begins with. Its module is loaded when that is what is run: all of them take their time. */
import type { Argv } from 'yargs'

/** Adds one command to a command line. */
export type AddCommand = (line: Argv) => Promise<unknown>

/** In the order of `--help`. */
export const COMMANDS: ReadonlyMap<string, AddCommand> = new Map<string, AddCommand>([
  ['record', async (line) => line.command((await import('./commands/record.ts')).recordCommand)],
  [
    'check-config',
    async (line) => line.command((await import('./commands/check-config.ts')).checkConfigCommand),
  ],
  ['status', async (line) => line.command((await import('./commands/status.ts')).statusCommand)],
  ['pairs', async (line) => line.command((await import('./commands/pairs.ts')).pairsCommand)],
  ['replay', async (line) => line.command((await import('./commands/replay.ts')).replayCommand)],
  ['book', async (line) => line.command((await import('./commands/book.ts')).bookCommand)],
  ['verify', async (line) => line.command((await import('./commands/verify.ts')).verifyCommand)],
  ['info', async (line) => line.command((await import('./commands/info.ts')).infoCommand)],
  ['rebuild', async (line) => line.command((await import('./commands/rebuild.ts')).rebuildCommand)],
  ['repair', async (line) => line.command((await import('./commands/repair.ts')).repairCommand)],
  ['export', async (line) => line.command((await import('./commands/export.ts')).exportCommand)],
  ['report', async (line) => line.command((await import('./commands/report.ts')).reportCommand)],
  ['import', async (line) => line.command((await import('./commands/import.ts')).importCommand)],
  ['compact', async (line) => line.command((await import('./commands/compact.ts')).compactCommand)],
  ['delete', async (line) => line.command((await import('./commands/delete.ts')).deleteCommand)],
  ['retain', async (line) => line.command((await import('./commands/retain.ts')).retainCommand)],
  ['backup', async (line) => line.command((await import('./commands/backup.ts')).backupCommand)],
  ['push', async (line) => line.command((await import('./commands/copy.ts')).pushCommand)],
  ['pull', async (line) => line.command((await import('./commands/copy.ts')).pullCommand)],
  ['simulate', async (line) => line.command((await import('./commands/simulate.ts')).simulateCommand)],
  ['serve', async (line) => line.command((await import('./commands/serve.ts')).serveCommand)],
  ['demo', async (line) => line.command((await import('./commands/demo.ts')).demoCommand)],
])
