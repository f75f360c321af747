/** Renders instants as `YYYY-MM-DDThh:mm:ss.ffffffZ`, quickly when they come in order: the second is kept. */
import { microsOf, microsToIso } from '../../src/index.ts'

export class InstantText {
  private second = -1
  private prefix = ''
  private micros = -1
  private text = ''

  of(micros: number): string {
    if (micros === this.micros) return this.text
    const second = Math.floor(micros / 1_000_000)
    if (second !== this.second) {
      this.second = second
      this.prefix = microsToIso(microsOf(second * 1_000_000)).slice(0, 20)
    }
    this.micros = micros
    this.text = `${this.prefix}${String(1_000_000 + micros - second * 1_000_000).slice(1)}Z`
    return this.text
  }
}
