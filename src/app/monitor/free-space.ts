/** How much room a folder's disk has for this user. */
import { statfs } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'

/** Bytes free where the folder lies or will lie; undefined: the system does not say. */
export const freeBytesAt = async (folder: string): Promise<number | undefined> => {
  for (let place = resolve(folder); ; place = dirname(place)) {
    try {
      const { bavail, bsize } = await statfs(place)
      return bavail * bsize
    } catch {
      // Not made yet: its parent lies on the same disk.
      if (dirname(place) === place) return undefined
    }
  }
}
