/** Numbers the events of a transaction, holds them until it is over, then tells the listeners. */
import type { EngineEvent, EngineListener } from './engine-event.ts'

type WithoutHead<Event> = Event extends unknown ? Omit<Event, 'number' | 'time' | 'last'> : never

/** An event without what the log adds. */
export type EventBody = WithoutHead<EngineEvent>

export class EventLog {
  private readonly listeners: EngineListener[] = []
  private pending: EngineEvent[] = []
  private number: number
  private time = 0

  /** `firstNumber`: the number of the first event. */
  constructor(firstNumber: number) {
    this.number = firstNumber - 1
  }

  get lastNumber(): number {
    return this.number
  }

  get lastTime(): number {
    return this.time
  }

  subscribe(listener: EngineListener): () => void {
    this.listeners.push(listener)
    return () => {
      const index = this.listeners.indexOf(listener)
      if (index >= 0) this.listeners.splice(index, 1)
    }
  }

  /** A transaction begins. Time never runs backwards. */
  begin(time: number): void {
    if (!Number.isSafeInteger(time) || time < this.time)
      throw new Error(`time ${String(time)} is before ${String(this.time)}`)
    if (this.pending.length > 0) throw new Error('a listener may not change the book')
    this.time = time
  }

  add(body: EventBody): void {
    this.pending.push({ number: ++this.number, time: this.time, last: false, ...body })
  }

  /** The transaction is over: its events go out. */
  end(): void {
    const events = this.pending
    const final = events.at(-1)
    if (final === undefined) return
    events[events.length - 1] = { ...final, last: true }
    for (const event of events) for (const listener of this.listeners) listener(event)
    this.pending = []
  }
}
