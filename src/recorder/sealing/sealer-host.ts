/** Runs the sealers of a process's streams inside one thread, and asks them from outside. */
import type { MessagePort, Worker } from 'node:worker_threads'

import type { StreamId, VenueId } from '../../market/instrument.ts'
import type { Venue } from '../../venues/venue.ts'
import type { FromSealer, Sealer, ToSealer } from '../thread-messages.ts'
import { StreamSealer } from './stream-sealer.ts'

const buffersOf = (...parts: (Uint8Array | undefined)[]): ArrayBuffer[] => {
  // A small array of Node may share its memory with others, which must not be moved away.
  const whole = parts.filter((part) => part?.byteLength === part?.buffer.byteLength)
  return whole.flatMap((part) => (part === undefined ? [] : [part.buffer as ArrayBuffer]))
}

/** Answers every message of `port`. A broken invariant throws: the thread ends, and the process with it. */
export const hostSealers = (port: MessagePort, venueById: (id: VenueId) => Venue): void => {
  const sealers = new Map<StreamId, StreamSealer>()
  const sealerOf = (stream: StreamId): StreamSealer => {
    const sealer = sealers.get(stream)
    if (sealer === undefined) throw new Error(`no sealer of ${stream} was opened`)
    return sealer
  }
  const reply = (message: FromSealer, transfer: ArrayBuffer[] = []): void => {
    port.postMessage(message, transfer)
  }
  port.on('message', (message: ToSealer) => {
    const { id } = message
    switch (message.kind) {
      case 'open':
        sealers.set(message.start.stream, new StreamSealer(venueById(message.venue), message.start))
        reply({ id })
        return
      case 'catch-up':
        sealerOf(message.stream).catchUp(message.records)
        reply({ id })
        return
      case 'save': {
        const state = sealerOf(message.stream).save()
        reply({ id, state }, buffersOf(state))
        return
      }
      case 'seal': {
        const sealed = sealerOf(message.stream).seal(message.records)
        const keyframes = sealed.keyframes.map(({ payload }) => payload)
        reply({ id, sealed }, buffersOf(sealed.chunk.payload, ...keyframes))
      }
    }
  })
}

interface Waiting {
  readonly resolve: (answer: FromSealer) => void
  readonly reject: (error: Error) => void
}

/** The sealers of a thread, from outside. */
export const askSealers = (worker: Worker): Sealer => {
  const waiting = new Map<number, Waiting>()
  let lastId = 0
  worker.on('message', (answer: FromSealer) => {
    waiting.get(answer.id)?.resolve(answer)
    waiting.delete(answer.id)
  })
  worker.on('exit', () => {
    for (const { reject } of waiting.values()) reject(new Error('the sealing thread ended'))
    waiting.clear()
  })
  const ask = (
    message: (id: number) => ToSealer,
    ...moved: (Uint8Array | undefined)[]
  ): Promise<FromSealer> =>
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
    seal: async (stream, records) => {
      const { sealed } = await ask((id) => ({ kind: 'seal', id, stream, records }), records)
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
