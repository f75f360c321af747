/** Which connections of the stream are open, and what was said of each once. Owns nothing of their frames. */
import type { StateReader, StateWriter } from '../../market/state-bytes.ts'

/** No connection has this number. */
const NONE = -1

interface Connection {
  hasStarted: boolean
  hasRefused: boolean
}

export class Connections {
  private readonly open = new Map<number, Connection>()
  private hadAny = false
  private hasStartedSince = false
  /** One that has started: asked again for every frame. */
  private lastStarted = NONE

  /** True after the last connection closed: no feed is there to follow a book. */
  get areAllGone(): boolean {
    return this.hadAny && this.open.size === 0
  }

  /** Whether any connection delivered since none was open. */
  get hasStarted(): boolean {
    return this.hasStartedSince
  }

  /** Several connections tell the same: what one of them loses another may bring. */
  get isRedundant(): boolean {
    return this.open.size > 1
  }

  /** A connection opened, or a frame came over one whose opening was not recorded. */
  add(connection: number): void {
    this.hadAny = true
    if (!this.open.has(connection)) this.open.set(connection, { hasStarted: false, hasRefused: false })
  }

  /** True when it was open and was the last one. */
  remove(connection: number): boolean {
    this.lastStarted = NONE
    return this.open.delete(connection) && this.open.size === 0
  }

  /** True the first time for a connection. */
  start(connection: number): boolean {
    if (connection === this.lastStarted) return false
    const state = this.open.get(connection)
    if (state === undefined) return false
    this.lastStarted = connection
    if (state.hasStarted) return false
    state.hasStarted = true
    this.hasStartedSince = true
    return true
  }

  /**
   * True the first time for a connection. Once it delivers, only a failed request is a refusal: other errors (a slow
   * reader, a frame too large) announce a close and are over with it.
   */
  refuse(connection: number, isFailedRequest: boolean): boolean {
    const state = this.open.get(connection)
    if (state === undefined || state.hasRefused || (state.hasStarted && !isFailedRequest)) return false
    state.hasRefused = true
    return true
  }

  /** The last connection closed and everyone was told. */
  settle(): void {
    this.hasStartedSince = false
  }

  reset(): void {
    this.open.clear()
    this.lastStarted = NONE
    this.hadAny = false
    this.hasStartedSince = false
  }

  save(writer: StateWriter): void {
    writer.bool(this.hadAny)
    writer.bool(this.hasStartedSince)
    writer.uint(this.open.size)
    for (const [connection, state] of this.open) {
      writer.uint(connection)
      writer.bool(state.hasStarted)
      writer.bool(state.hasRefused)
    }
  }

  restore(reader: StateReader): void {
    this.reset()
    this.hadAny = reader.bool()
    this.hasStartedSince = reader.bool()
    const count = reader.uint()
    for (let index = 0; index < count; index++) {
      const connection = reader.uint()
      this.open.set(connection, { hasStarted: reader.bool(), hasRefused: reader.bool() })
    }
  }
}
