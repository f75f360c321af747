/** The connections of a stream by their number. Owns how many are remembered. */
import type { StateReader, StateWriter } from '../../market/state-bytes.ts'
import { Connection } from './connection.ts'

// A stream has one connection at a time, or a few; imports may never tell that one has closed.
const MOST_CONNECTIONS = 16

export class Connections {
  private byNumber = new Map<number, Connection>()
  /** Frame after frame is of the same one. */
  private found: Connection | undefined

  find(number: number): Connection | undefined {
    if (this.found?.number !== number) this.found = this.byNumber.get(number)
    return this.found
  }

  all(): Iterable<Connection> {
    return this.byNumber.values()
  }

  /** Begins anew under this number. The oldest is forgotten where there are too many. */
  open(number: number, wasOpened: boolean): Connection {
    const connection = new Connection(number, wasOpened)
    this.found = undefined
    this.byNumber.delete(number)
    this.byNumber.set(number, connection)
    if (this.byNumber.size > MOST_CONNECTIONS) {
      for (const oldest of this.byNumber.keys()) {
        this.byNumber.delete(oldest)
        break
      }
    }
    return connection
  }

  close(number: number): void {
    this.found = undefined
    this.byNumber.delete(number)
  }

  clear(): void {
    this.found = undefined
    this.byNumber.clear()
  }

  save(writer: StateWriter): void {
    writer.uint(this.byNumber.size)
    for (const [number, connection] of this.byNumber) {
      writer.uint(number)
      connection.save(writer)
    }
  }

  restore(reader: StateReader): void {
    this.found = undefined
    this.byNumber = new Map()
    const count = reader.uint()
    for (let index = 0; index < count; index++) {
      const connection = new Connection(reader.uint(), false)
      connection.restore(reader)
      this.byNumber.set(connection.number, connection)
    }
  }
}
