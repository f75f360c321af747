/** Makes a folder and those above it. Node's own recursive mkdir never returns where the system refuses with ENOENT (/proc). */
import { existsSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'

/** Throws the system's error. A folder that is there already, or is made by another process meanwhile, is fine. */
export const makeFolder = (folder: string): void => {
  if (existsSync(folder)) return
  const above = dirname(folder)
  if (above !== folder) makeFolder(above)
  try {
    mkdirSync(folder)
  } catch (error) {
    if (!existsSync(folder)) throw error
  }
}
