/** Where a message comes from, beside what it says. */
import type { Micros } from '../../market/time.ts'

export interface Arrival {
  readonly receiveTime: Micros
  readonly connection: number
  /** The frame. */
  readonly frame: string
}
