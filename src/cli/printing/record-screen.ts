/** How `record` shows itself: a status table with sentences above it on a terminal, JSON lines otherwise. */
import { pino } from 'pino'

import type { LogLine } from '../../recorder/recorder-log.ts'
import type { StreamStatus } from '../../recorder/stream-status.ts'
import { bytesText, table } from './output.ts'

export interface RecordScreen {
  readonly writeLog: (line: LogLine) => void
  readonly showStatus: (streams: readonly StreamStatus[]) => void
}

const WIDTH = 80

const stateText = (status: StreamStatus): string =>
  status.state !== 'live'
    ? status.state
    : status.valid
      ? status.verified
        ? 'verified'
        : 'valid'
      : (status.reason ?? '')

/** At most 80 columns. */
const statusTable = (streams: readonly StreamStatus[]): string => {
  const rows = streams.map((status) => [
    status.stream,
    String(status.entries),
    stateText(status),
    status.bestBid ?? '-',
    status.bestAsk ?? '-',
    String(status.gaps),
    `${String(status.checksums.right)}/${String(status.checksums.wrong)}`,
    String(status.spooledChunks),
  ])
  const head = ['stream', 'entries', 'state', 'bid', 'ask', 'gaps', 'checks', 'spool']
  const mismatches = streams.filter(({ sealMismatches }) => sealMismatches > 0)
  const warnings = mismatches.map(
    ({ stream, sealMismatches }) => `${stream}: ${String(sealMismatches)} chunks not as the live book said`,
  )
  const waiting = streams.flatMap(({ stream, storeAway, spooledChunks, spooledBytes }) =>
    storeAway === null
      ? []
      : [
          `${stream}: ${String(spooledChunks)} chunks (${bytesText(spooledBytes)}) wait since ${String(Math.round(storeAway.milliseconds / 1000))} s: ${storeAway.why}`,
        ],
  )
  return [table([head, ...rows]), ...warnings, ...waiting]
    .join('\n')
    .split('\n')
    .map((line) => line.slice(0, WIDTH))
    .join('\n')
}

const sentenceOf = ({ about, message }: LogLine): string =>
  about === undefined ? message : `${about}: ${message}`

/** Redraws the table in place, below whatever was said before. */
const terminalScreen = (): RecordScreen => {
  let drawn = ''
  const erase = (): string => (drawn === '' ? '' : `\x1b[${String(drawn.split('\n').length)}A\x1b[J`)
  return {
    writeLog: (line) => {
      process.stderr.write(`${erase()}${sentenceOf(line)}\n${drawn === '' ? '' : `${drawn}\n`}`)
    },
    showStatus: (streams) => {
      const next = statusTable(streams)
      process.stderr.write(`${erase()}${next}\n`)
      drawn = next
    },
  }
}

const lineScreen = (): RecordScreen => {
  const logger = pino({ base: null }, pino.destination({ dest: 2, sync: true }))
  return {
    writeLog: ({ level, about, message }) => {
      logger[level]({ about }, message)
    },
    showStatus: () => undefined,
  }
}

export const newRecordScreen = (): RecordScreen => (process.stderr.isTTY ? terminalScreen() : lineScreen())
