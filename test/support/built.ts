/** Where the built project lies, for tests that start processes: they run built JavaScript, not sources. */
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'

/** Path of a built source file, `src/cli/main.ts` for example. Throws when the project is not built. */
export const builtFile = (source: string): string => {
  const folder = process.env['BOOKREEL_DIST'] ?? resolve(import.meta.dirname, '../../dist')
  const path = resolve(folder, source.replace(/\.ts$/, '.js'))
  if (!existsSync(path)) throw new Error(`${path} is missing: run "npm run build" first`)
  return path
}
