/**
 * FrameScanner: bytes of frames to rows (see log/frame-row.ts). Owns which template a frame has; what scalars are is
 * scalar-reader's, their way back to bytes row-renderer's.
 *
 * `scan(bytes, start, end)` appends one frame's scalars to `values` and `scales`; true: the scanner itself is now the
 * frame's FrameRow (`template`, `start` … `end`). False: the frame stays verbatim, nothing was appended. `clear()`
 * forgets what was appended, not the scope. `newScope()` begins another scope, an object of its own: chunks begin one
 * each, live feeds when `isFull`. `scope.templates`, `scope.skeletonOf`, `scope.ids.bytes()`, `scope.texts` give what a
 * chunk stores; `new TemplateScope(new IdTable(bytes), new TextTable(bytes, starts))` and `templateOf(skeleton)` for
 * every template in order build a scope from it.
 *
 * A payload is scanned leniently: tokens one behind the other, no grammar of JSON. Strings without a digit (but UUIDs),
 * keys, true, false, null, punctuation and spaces are the template; other strings and what begins with a digit or a
 * minus are scalars; an array whose first element is an array or an object is a list. All else stays verbatim: a zero
 * byte, other words outside quotes, a string without end, lists deeper than 8, templates past a bound.
 */
import type { FrameRow } from '../../log/frame-row.ts'
import { FrameLearner } from './frame-learner.ts'
import { FrameMatcher } from './frame-matcher.ts'
import { newScalarArrays, type ScalarArrays, ScalarReader } from './scalar-reader.ts'
import { TemplateScope } from './template-scope.ts'
import { TemplateTrie } from './template-trie.ts'

/** Past these a live feed begins a new scope: about as many as a chunk speaks of, so that a book's thread holds no more. */
const FULL_IDS = 65_536
const FULL_TEXT_BYTES = 4 * 1024 * 1024

export class FrameScanner implements FrameRow {
  scope = new TemplateScope()
  /** Of the frame scanned last. */
  template = 0
  start = 0
  end = 0
  /** Frames that stayed verbatim since the scanner was made. */
  verbatim = 0
  private readonly scalars: ScalarReader
  private trie: TemplateTrie
  private matcher: FrameMatcher
  private learner: FrameLearner

  /** `arrays`: memory for scalars that nobody else uses any more. */
  constructor(arrays: ScalarArrays = newScalarArrays()) {
    this.scalars = new ScalarReader(this.scope, arrays)
    this.trie = new TemplateTrie(this.scope)
    this.matcher = new FrameMatcher(this.scalars, this.trie)
    this.learner = new FrameLearner(this.scalars, this.trie, this.matcher)
  }

  /** The scalars of all frames since the last `clear`, as long as `end` says; other arrays after they grew. */
  get values(): Float64Array {
    return this.scalars.values
  }

  get scales(): Uint8Array {
    return this.scalars.scales
  }

  /** The scope holds so much that a feed without end does well to begin a new one. */
  get isFull(): boolean {
    const { ids, texts } = this.scope
    return ids.count > FULL_IDS || texts.byteLength > FULL_TEXT_BYTES || texts.count > FULL_IDS
  }

  /** Begins a scope that knows nothing, and forgets what was appended. */
  newScope(): void {
    this.scope = new TemplateScope()
    this.scalars.scope = this.scope
    this.trie = new TemplateTrie(this.scope)
    this.matcher = new FrameMatcher(this.scalars, this.trie)
    this.learner = new FrameLearner(this.scalars, this.trie, this.matcher)
    this.clear()
  }

  /** Forgets what was appended. */
  clear(): void {
    this.scalars.count = 0
    this.start = 0
    this.end = 0
  }

  /** Lets go of the bytes scanned last; rows stay as they are. */
  lookAway(): void {
    this.scalars.lookAway()
  }

  /** Scans the frame from `start` up to `end` of the bytes. */
  scan(bytes: Uint8Array, start: number, end: number): boolean {
    const { scalars, scope } = this
    scalars.lookAt(bytes.buffer)
    const from = bytes.byteOffset + start
    const to = bytes.byteOffset + end
    const first = scalars.count
    const ids = scope.ids.count
    const texts = scope.texts.count
    if (this.matcher.match(this.trie.frameRoot, from, to, 0) === to) this.template = this.matcher.template
    else {
      scalars.count = first
      if (!this.learner.learn(from, to)) {
        scalars.count = first
        scope.ids.forget(ids)
        scope.texts.forget(texts)
        this.verbatim++
        return false
      }
      this.template = this.learner.template
    }
    this.start = first
    this.end = scalars.count
    return true
  }
}
