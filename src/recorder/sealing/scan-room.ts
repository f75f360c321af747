/**
 * How much memory open chunks may take in one thread, all streams together: what does not fit is scanned again
 * for its seal. Records are counted; their scalars and memory in reserve come on top, about as much again.
 */
const MOST_BYTES = 96 * 1024 * 1024

export class ScanRoom {
  private readonly most: number
  private held = 0

  constructor(most = MOST_BYTES) {
    this.most = most
  }

  /** False: there is no room for so many bytes, and none were taken. */
  take(bytes: number): boolean {
    if (this.held + bytes > this.most) return false
    this.held += bytes
    return true
  }

  give(bytes: number): void {
    this.held -= bytes
  }
}
