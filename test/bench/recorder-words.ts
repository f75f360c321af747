/** What a benchmark gives `record` on its command line, and what that prints. */

/** Where a simulated venue listens. */
export interface Endpoints {
  readonly ws: string
  readonly rest: string
}

export interface StatusLine {
  readonly streams: readonly {
    readonly state: string
    readonly entries: number
    readonly spooledChunks: number
    readonly spooledBytes: number
  }[]
}

export const endpointWords = (venue: string, { ws, rest }: Endpoints): readonly string[] => [
  ...['--endpoint', `${venue}.ws=${ws}`],
  ...['--endpoint', `${venue}.rest=${rest}`],
]

export const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(0)} MB`
