/** How much memory several streams hold together, within a bound. What does not fit is not held: its user has another way to it. */
export class HeldBytes {
  private readonly most: number
  private bytes = 0

  constructor(most: number) {
    this.most = most
  }

  /** False: there is no room for so many, and none were taken. */
  take(bytes: number): boolean {
    if (this.bytes + bytes > this.most) return false
    this.bytes += bytes
    return true
  }

  give(bytes: number): void {
    this.bytes -= bytes
  }
}
