/** What became of a stream, in one line for people, when its recording ended. */
import type { StreamStatus } from '../../recorder/stream-status.ts'

const LATER = 'what is not stored yet waits in the journal, and the next start stores it'

const whereText = ({ state, spooledChunks: waiting }: StreamStatus, store: string): string => {
  if (state === 'fenced') return 'another recorder has it: what was not stored is kept apart as an archive'
  // Nobody knows here what of it reached the store.
  if (state !== 'stopped') return `recording it did not end in order: ${LATER}`
  if (waiting === 0) return `stored in ${store}`
  return waiting === 1
    ? `a chunk waits in the journal for ${store}, and the next start stores it`
    : `${String(waiting)} chunks wait in the journal for ${store}, and the next start stores them`
}

const countsText = ({ entries, lastSeq, gaps, checksums, sealMismatches }: StreamStatus): string => {
  const parts = [
    `${String(entries)} entries, the last is ${String(lastSeq)}`,
    `gaps ${String(gaps)}, checksums ${String(checksums.right)} right and ${String(checksums.wrong)} wrong`,
    ...(sealMismatches === 0 ? [] : [`${String(sealMismatches)} chunks not as the live book said`]),
  ]
  return parts.join('; ')
}

/** `store`: as it may be shown. */
export const endText = (status: StreamStatus, store: string): string => {
  const { stream, state, entries } = status
  if (entries > 0 || state === 'stopped')
    return `${stream}: ${countsText(status)}; ${whereText(status, store)}`
  return state === 'failed'
    ? `${stream}: failed, nothing was recorded since its last start`
    : `${stream}: nothing was recorded`
}
