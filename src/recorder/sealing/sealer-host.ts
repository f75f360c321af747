/** Runs the sealers of a process's streams inside one thread, and asks them from outside. */
import type { MessagePort, Worker } from 'node:worker_threads'

import type { StreamId, VenueId } from '../../market/instrument.ts'
import type { Venue } from '../../venues/venue.ts'
import type { FromSealer, Sealer, SealerAnswer, ToFollower, ToSealer } from '../thread-messages.ts'
import { FollowerHost } from './follower-host.ts'
import { StreamSealer } from './stream-sealer.ts'

const buffersOf = (...parts: (Uint8Array | undefined)[]): ArrayBuffer[] => {
  const moved: ArrayBuffer[] = []
  for (const part of parts) {
    // A small array of Node may share its memory with others, which must not be moved away; a room is shared anyway.
    const isWhole = part?.byteLength === part?.buffer.byteLength
    if (isWhole && part?.buffer instanceof ArrayBuffer) moved.push(part.buffer)
  }
  return moved
}

/** The sealers of a process's streams, and the followers of those that have no live book. */
class SealerHost {
  private readonly followers: FollowerHost
  private readonly sealers = new Map<StreamId, StreamSealer>()
  private readonly port: MessagePort
  private readonly venueById: (id: VenueId) => Venue

  constructor(port: MessagePort, venueById: (id: VenueId) => Venue) {
    this.port = port
    this.venueById = venueById
    this.followers = new FollowerHost(venueById, (word) => {
      port.postMessage(word)
    })
  }

  hear(message: ToFollower): void {
    if (message.kind === 'forget') this.sealers.delete(message.stream)
    this.followers.hear(message)
  }

  answer(message: Exclude<ToSealer, ToFollower>): void {
    const { id } = message
    switch (message.kind) {
      case 'open':
        this.sealers.set(message.start.stream, new StreamSealer(this.venueById(message.venue), message.start))
        this.reply({ id })
        return
      case 'catch-up':
        this.sealerOf(message.stream).catchUp(message.records)
        this.reply({ id })
        return
      case 'save': {
        const state = this.sealerOf(message.stream).save()
        this.reply({ id, state })
        return
      }
      case 'seal': {
        const { stream, records, lastSeq } = message
        const sealed = this.followers.seal(this.sealerOf(stream), stream, records, lastSeq)
        this.reply({ id, sealed })
      }
    }
  }

  /** Copies: in a thread where any array was ever moved away, every typed array is read more slowly. */
  reply(message: SealerAnswer): void {
    this.port.postMessage(message)
  }

  private sealerOf(stream: StreamId): StreamSealer {
    const sealer = this.sealers.get(stream)
    if (sealer === undefined) throw new Error(`no sealer of ${stream} was opened`)
    return sealer
  }
}

/**
 * Answers every message of `port`. A broken invariant throws: the thread ends, and the process with it. `isShared`: other
 * pairs' streams are sealed here too, and it is answered instead.
 */
export const hostSealers = (
  port: MessagePort,
  venueById: (id: VenueId) => Venue,
  isShared: boolean,
): void => {
  const host = new SealerHost(port, venueById)
  port.on('message', (message: ToSealer) => {
    if (!('id' in message)) {
      host.hear(message)
      return
    }
    try {
      host.answer(message)
    } catch (error) {
      if (!isShared) throw error
      host.reply({ id: message.id, failure: String(error) })
    }
  })
}

interface Waiting {
  readonly resolve: (answer: SealerAnswer) => void
  readonly reject: (error: Error) => void
}

/** The sealers of a thread, from outside. */
export const askSealers = (worker: Worker): Sealer => {
  const waiting = new Map<number, Waiting>()
  let lastId = 0
  worker.on('message', (answer: FromSealer) => {
    if (!('id' in answer)) return
    const { id, failure } = answer
    if (failure === undefined) waiting.get(id)?.resolve(answer)
    else waiting.get(id)?.reject(new Error(failure))
    waiting.delete(id)
  })
  worker.on('exit', () => {
    for (const { reject } of waiting.values()) reject(new Error('the sealing thread ended'))
    waiting.clear()
  })
  const ask = (
    message: (id: number) => ToSealer,
    ...moved: (Uint8Array | undefined)[]
  ): Promise<SealerAnswer> =>
    new Promise((resolve, reject) => {
      const id = ++lastId
      waiting.set(id, { resolve, reject })
      worker.postMessage(message(id), buffersOf(...moved))
    })
  return {
    open: async (venue, start) => {
      await ask((id) => ({ kind: 'open', id, venue, start }))
    },
    catchUp: async (stream, records) => {
      await ask((id) => ({ kind: 'catch-up', id, stream, records }), records)
    },
    seal: async (stream, records, lastSeq) => {
      const { sealed } = await ask((id) => ({ kind: 'seal', id, stream, records, lastSeq }), records)
      if (sealed === undefined) throw new Error('the sealing thread gave no chunk')
      return sealed
    },
    save: async (stream) => {
      const { state } = await ask((id) => ({ kind: 'save', id, stream }))
      if (state === undefined) throw new Error('the sealing thread gave no state')
      return state
    },
  }
}
