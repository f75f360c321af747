/** What became of a stream, in one line for people, when its recording ended. */
import type { StreamStatus } from '../../recorder/stream-status.ts'

const whereText = (waiting: number, store: string): string => {
  if (waiting === 0) return `stored in ${store}`
  return waiting === 1
    ? `a chunk waits in the journal for ${store}, and the next start stores it`
    : `${String(waiting)} chunks wait in the journal for ${store}, and the next start stores them`
}

/** `store`: as it may be shown. */
export const endText = (status: StreamStatus, store: string): string => {
  const { stream, entries, lastSeq, gaps, checksums, sealMismatches, spooledChunks } = status
  const parts = [
    `${stream}: ${String(entries)} entries, the last is ${String(lastSeq)}`,
    `gaps ${String(gaps)}, checksums ${String(checksums.right)} right and ${String(checksums.wrong)} wrong`,
    ...(sealMismatches === 0 ? [] : [`${String(sealMismatches)} chunks not as the live book said`]),
    whereText(spooledChunks, store),
  ]
  return parts.join('; ')
}
