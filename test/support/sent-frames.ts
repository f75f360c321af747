/** What simulated venues wrote down of what they sent: frames by connection as hashes, and the marks between them. */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'

/** The book of a stream as a client that has read so far must see it. */
export interface Mark {
  readonly stream: string
  readonly digest: string
  /** The number of the last message that led to it, where the venue numbers the stream's. */
  readonly told: number | undefined
  /** When it stood there, microseconds. */
  readonly time: number
}

/** One connection of a venue. */
export interface SentConnection {
  readonly number: number
  readonly hashes: number[]
  /** Which of them are heartbeats of Coinbase: they have no number of their own. */
  readonly beats: Set<number>
  /** When each left, microseconds; empty unless asked for. */
  readonly times: number[]
  /** By the number of frames before them. */
  readonly marks: Map<number, Mark[]>
}

/** 48 bits: enough to tell frames apart, small enough to keep millions. */
export const frameHash = (bytes: Uint8Array | string): number =>
  createHash('sha1').update(bytes).digest().readUIntBE(0, 6)

interface SentLine {
  readonly t: number
  readonly conn: number
  readonly dir: 'out' | 'mark'
  readonly venue: string
  readonly text?: string
  readonly bytes?: string
}

/** By venue, connections in the order of connecting. */
export const readSentFrames = async (
  file: string,
  keepsTimes = false,
): Promise<ReadonlyMap<string, readonly SentConnection[]>> => {
  const venues = new Map<string, SentConnection[]>()
  for await (const line of createInterface({ input: createReadStream(file) })) {
    const { t, conn, dir, venue, text, bytes } = JSON.parse(line) as SentLine
    const connections = venues.get(venue) ?? []
    venues.set(venue, connections)
    const known = connections.find(({ number }) => number === conn)
    const connection = known ?? {
      ...{ number: conn, hashes: [], times: [] },
      beats: new Set<number>(),
      marks: new Map<number, Mark[]>(),
    }
    if (known === undefined) connections.push(connection)
    if (dir === 'mark') {
      const [stream = '', digest = '', told] = (text ?? '').split(' ')
      const at = connection.hashes.length
      const mark: Mark = { stream, digest, told: told === undefined ? undefined : Number(told), time: t }
      connection.marks.set(at, [...(connection.marks.get(at) ?? []), mark])
      continue
    }
    if (text?.includes('"type":"heartbeat"') === true) connection.beats.add(connection.hashes.length)
    connection.hashes.push(frameHash(bytes === undefined ? (text ?? '') : Buffer.from(bytes, 'base64')))
    if (keepsTimes) connection.times.push(t)
  }
  for (const connections of venues.values()) connections.sort((one, other) => one.number - other.number)
  return venues
}

/** A line of a log of faults. */
export interface InjectedFault {
  readonly venue: string
  /** 0: of a request. */
  readonly connection: number
  readonly frame: number
  readonly sent?: number
  readonly channel?: string
  readonly fault: string
}

export const readFaults = async (file: string): Promise<readonly InjectedFault[]> => {
  const faults: InjectedFault[] = []
  for await (const line of createInterface({ input: createReadStream(file) }))
    faults.push(JSON.parse(line) as InjectedFault)
  return faults
}
