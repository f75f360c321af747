/** The channels of one connection: what each chanId means to this stream. chanIds die with their connection. */
import type { StateReader, StateWriter } from '../../market/state-bytes.ts'
import type { ChannelRole } from './wanted-stream.ts'

// The venue allows some dozens on a socket; retired ones stay known, because their frames may still be on the way.
const MOST_CHANNELS = 1024

const ROLES = ['book', 'trades', 'other', 'retired'] as const

export class ChannelTable {
  private roles = new Map<number, ChannelRole>()

  /** Undefined: the venue has not confirmed such a channel. */
  roleOf(chanId: number): ChannelRole | undefined {
    return this.roles.get(chanId)
  }

  /** The channel with this role, if there is one. */
  find(role: 'book' | 'trades'): number | undefined {
    for (const [chanId, held] of this.roles) if (held === role) return chanId
    return undefined
  }

  set(chanId: number, role: ChannelRole): void {
    this.roles.delete(chanId)
    this.roles.set(chanId, role)
    if (this.roles.size > MOST_CHANNELS) this.forgetOne()
  }

  private forgetOne(): void {
    for (const [chanId, role] of this.roles) {
      if (role === 'book' || role === 'trades') continue
      this.roles.delete(chanId)
      return
    }
    this.roles.clear()
  }

  save(writer: StateWriter): void {
    writer.uint(this.roles.size)
    for (const [chanId, role] of this.roles) {
      writer.uint(chanId)
      writer.uint(ROLES.indexOf(role))
    }
  }

  restore(reader: StateReader): void {
    this.roles = new Map()
    const count = reader.uint()
    for (let index = 0; index < count; index++) {
      const chanId = reader.uint()
      this.roles.set(chanId, ROLES[reader.uint()] ?? 'other')
    }
  }
}
