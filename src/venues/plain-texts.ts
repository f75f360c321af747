/**
 * Which text scalars of a scope are plain: without escapes and control characters, so that between quotes they are JSON
 * and mean what they show. Asked for every text of every frame, judged once per reference.
 */
import type { FrameScope } from '../log/frame-row.ts'

const UNJUDGED = 0
const PLAIN = 1
const OTHER = 2
const FIRST_SIZE = 256

export class PlainTexts {
  private scope: FrameScope | undefined
  private verdicts = new Uint8Array(FIRST_SIZE)

  isPlain(scope: FrameScope, reference: number): boolean {
    if (scope !== this.scope) {
      this.scope = scope
      this.verdicts = new Uint8Array(FIRST_SIZE)
    }
    const verdict = this.verdicts[reference] ?? UNJUDGED
    return verdict === UNJUDGED ? this.judge(scope, reference) : verdict === PLAIN
  }

  private judge(scope: FrameScope, reference: number): boolean {
    if (reference >= this.verdicts.length) {
      const grown = new Uint8Array(Math.max(reference + 1, this.verdicts.length * 2))
      grown.set(this.verdicts)
      this.verdicts = grown
    }
    const isPlain = isPlainText(scope.text(reference))
    this.verdicts[reference] = isPlain ? PLAIN : OTHER
    return isPlain
  }
}

const isPlainText = (text: string): boolean => {
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code < 0x20 || code === 0x22 || code === 0x5c) return false
  }
  return true
}
