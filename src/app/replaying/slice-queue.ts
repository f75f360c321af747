/** What the threads tell of each slice, kept apart, to be read slice by slice in the order of the replay. */
import type { FromReplayer } from './replay-messages.ts'

export interface SliceMessage {
  readonly message: Exclude<FromReplayer, { readonly kind: 'entries' }>
  /** The message was read: its thread may tell more. */
  readonly taken: () => void
}

export class SliceQueue {
  private readonly messages: SliceMessage[][]
  private wake: (() => void) | undefined

  constructor(slices: number) {
    this.messages = Array.from({ length: slices }, () => [])
  }

  add(slice: number, message: SliceMessage): void {
    this.messages[slice]?.push(message)
    this.wake?.()
  }

  /** The next message of the slice, as soon as there is one. One reader at a time. */
  async next(slice: number): Promise<SliceMessage> {
    for (;;) {
      const message = this.messages[slice]?.shift()
      if (message !== undefined) return message
      await new Promise<void>((resolve) => {
        this.wake = resolve
      })
    }
  }
}
