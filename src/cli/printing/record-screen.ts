/** How `record` shows itself: a status table with sentences above it on a terminal, JSON lines otherwise. */
import { pino } from 'pino'

import type { LogLine } from '../../recorder/recorder-log.ts'
import { EntryRates, type RecordingView, statusLines, TABLE_WIDTH } from './status-table.ts'

export interface RecordScreen {
  readonly writeLog: (line: LogLine) => void
  readonly showStatus: (view: RecordingView) => void
}

/** What is drawn on. */
export interface Terminal {
  readonly columns?: number | undefined
  readonly rows?: number | undefined
  readonly write: (text: string) => unknown
}

const USUAL_ROWS = 24

/** Some terminals do not know their size and say 0. */
const known = (size: number | undefined, usual: number): number =>
  size === undefined || size === 0 ? usual : size

const sentenceOf = ({ about, message }: LogLine): string =>
  about === undefined ? message : `${about}: ${message}`

/**
 * Redraws the table in place, below whatever was said before: one write each time, line over line, so that nothing
 * flickers. Lines never wrap and the table never outgrows the screen: the cursor would not find back.
 */
export const terminalScreen = (terminal: Terminal, now: () => number): RecordScreen => {
  let drawn: readonly string[] = []
  const rates = new EntryRates()
  const up = (): string => (drawn.length === 0 ? '' : `\x1b[${String(drawn.length)}A\r`)
  const linesText = (lines: readonly string[]): string => lines.map((line) => `${line}\x1b[K\n`).join('')
  const fit = (lines: readonly string[]): readonly string[] => {
    const most = Math.max(1, known(terminal.rows, USUAL_ROWS) - 1)
    const width = Math.max(1, Math.min(TABLE_WIDTH, known(terminal.columns, TABLE_WIDTH) - 1))
    const shown =
      lines.length <= most
        ? lines
        : [
            ...lines.slice(0, most - 1),
            `… and ${String(lines.length - most + 1)} more lines (bookreel status)`,
          ]
    return shown.map((line) => line.slice(0, width))
  }
  return {
    writeLog: (line) => {
      terminal.write(`${up()}${linesText([sentenceOf(line)])}${linesText(drawn)}\x1b[J`)
    },
    showStatus: (view) => {
      rates.note(view.streams, now())
      const next = fit(statusLines(view, rates.rates))
      terminal.write(`${up()}${linesText(next)}\x1b[J`)
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

export const newRecordScreen = (): RecordScreen =>
  process.stderr.isTTY ? terminalScreen(process.stderr, () => performance.now()) : lineScreen()
