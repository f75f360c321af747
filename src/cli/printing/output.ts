/** Printing: results on stdout, all else on stderr. */

/** Rows as aligned columns; the first row is the head. */
export const table = (rows: readonly (readonly string[])[]): string => {
  const widths: number[] = []
  for (const row of rows)
    row.forEach((cell, index) => (widths[index] = Math.max(widths[index] ?? 0, cell.length)))
  return rows
    .map((row) =>
      row
        .map((cell, index) => cell.padEnd(widths[index] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

export const print = (text: string): void => {
  process.stdout.write(`${text}\n`)
}

export const printJson = (value: unknown): void => {
  print(JSON.stringify(value))
}

/** Progress and notices: never on stdout. */
export const tell = (text: string): void => {
  process.stderr.write(`${text}\n`)
}

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'] as const

/** `1.2 MB`. */
export const bytesText = (bytes: number): string => {
  let value = bytes
  let unit = 0
  while (value >= 1000 && unit < UNITS.length - 1) {
    value /= 1000
    unit++
  }
  return `${unit === 0 ? String(value) : value.toFixed(1)} ${UNITS[unit] ?? ''}`
}

/** `97.3 %`. */
export const shareText = (share: number): string => `${(share * 100).toFixed(1)} %`
