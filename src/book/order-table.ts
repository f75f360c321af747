/**
 * The resting orders of a book as columns, an order being named by its handle. Owns room and its reuse; queues and what an
 * order means to its level are the book's.
 */
import type { OrderHandle } from '../market/order-ids.ts'
import { NONE } from './level-table.ts'
import { resizedDoubles, resizedIntegers } from './resized-columns.ts'

const LEAST_CAPACITY = 64
/** Room for so many times what is in use is too much. */
const SPARSE = 8

export class OrderTable {
  sizes = new Float64Array(LEAST_CAPACITY)
  /** The neighbours in the queue. */
  ahead = new Int32Array(LEAST_CAPACITY)
  behind = new Int32Array(LEAST_CAPACITY)
  /** Receive time of the opening; -1 less that time where the opening was not seen. */
  private opened = new Float64Array(LEAST_CAPACITY)
  /** Kept for life: an order stands behind those of its price with a rank at most its own. Empty while all are 0. */
  private ranks = new Float64Array(0)
  /** One more than the order's level; 0: it does not rest. */
  private places = new Int32Array(LEAST_CAPACITY)
  private resting = 0
  /** So many orders leave a sparse table until room is looked for. */
  private patience = LEAST_CAPACITY

  get capacity(): number {
    return this.places.length
  }

  /** The order's level; NONE when it does not rest. */
  levelOf(order: OrderHandle): number {
    return order >= 0 && order < this.places.length ? (this.places[order] ?? 0) - 1 : NONE
  }

  rankOf(order: OrderHandle): number {
    return this.ranks[order] ?? 0
  }

  /** Whether any order had another rank than 0: all queues are in the order of arrival else. */
  get isRanked(): boolean {
    return this.ranks.length > 0
  }

  /** See BookView; of an order that rests. */
  openedAt(order: OrderHandle): number {
    const opened = this.opened[order] ?? 0
    return opened < 0 ? -1 - opened : opened
  }

  isOpeningSeen(order: OrderHandle): boolean {
    return (this.opened[order] ?? 0) >= 0
  }

  setLevel(order: OrderHandle, level: number): void {
    this.places[order] = level + 1
  }

  /** An order that did not rest does. The caller links it. */
  add(
    order: OrderHandle,
    level: number,
    size: number,
    rank: number,
    openedAt: number,
    isSeen: boolean,
  ): void {
    if (order >= this.places.length) this.grow(order + 1)
    if (rank !== 0 && this.ranks.length === 0) this.ranks = new Float64Array(this.places.length)
    this.places[order] = level + 1
    this.sizes[order] = size
    this.opened[order] = isSeen ? openedAt : -1 - openedAt
    if (this.ranks.length > 0) this.ranks[order] = rank
    this.resting++
  }

  /** An order that rested does no more. */
  remove(order: OrderHandle): void {
    this.places[order] = 0
    this.resting--
    if (this.resting * SPARSE <= this.places.length && --this.patience <= 0) this.shrink()
    if (this.resting === 0 && this.places.length > LEAST_CAPACITY) this.clear()
  }

  clear(): void {
    this.ranks = new Float64Array(0)
    this.resting = 0
    this.resize(LEAST_CAPACITY, 0)
  }

  private grow(needed: number): void {
    let capacity = this.places.length
    while (capacity < needed) capacity *= 2
    this.resize(capacity, this.places.length)
  }

  /** Handles in use cannot move: only what lies behind the last of them is given up. */
  private shrink(): void {
    let used = this.places.length
    while (used > 0 && this.places[used - 1] === 0) used--
    let capacity = this.places.length
    while (capacity > LEAST_CAPACITY && capacity >= used * 4) capacity /= 2
    this.resize(capacity, used)
  }

  private resize(capacity: number, kept: number): void {
    this.patience = Math.max(capacity / (2 * SPARSE), LEAST_CAPACITY)
    if (capacity === this.places.length && kept > 0) return
    this.sizes = resizedDoubles(this.sizes, capacity, kept)
    this.ahead = resizedIntegers(this.ahead, capacity, kept)
    this.behind = resizedIntegers(this.behind, capacity, kept)
    this.opened = resizedDoubles(this.opened, capacity, kept)
    this.places = resizedIntegers(this.places, capacity, kept)
    if (this.ranks.length > 0)
      this.ranks = resizedDoubles(this.ranks, capacity, Math.min(kept, this.ranks.length))
  }
}
