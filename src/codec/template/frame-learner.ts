/**
 * Scans a frame without knowing its template: splits it byte by byte, appends its scalars and adds the templates it
 * finds to the scope. The slow way, taken once per template; what it appends is what the fast way appends.
 */
import { type FrameMatcher, MAX_LISTS } from './frame-matcher.ts'
import { BROKEN, ENDS_TOKEN, type ScalarReader, STATIC } from './scalar-reader.ts'
import { letterOf, LIST } from './slot-codes.ts'
import { MAX_TEMPLATE_BYTES, type TemplateScope } from './template-scope.ts'
import type { TemplateTrie } from './template-trie.ts'

/** Elements of deeper lists are not looked for among known ones: each level may double the work. */
const FAST_LISTS = 2

const QUOTE = 34
const COMMA = 44
const COLON = 58
const OPEN_ARRAY = 91
const BACKSLASH = 92
const CLOSE_ARRAY = 93
const OPEN_OBJECT = 123
const CLOSE_OBJECT = 125
const FAILED = -1

const isSpace = (byte: number | undefined): boolean => byte === 32 || byte === 10 || byte === 13 || byte === 9

/** The bytes of a skeleton under way. */
class SkeletonBytes {
  bytes = new Uint8Array(256)
  length = 0

  add(byte: number): void {
    if (this.length === this.bytes.length) {
      const grown = new Uint8Array(this.length * 2)
      grown.set(this.bytes)
      this.bytes = grown
    }
    this.bytes[this.length++] = byte
  }

  /** What stands in the frame from `from` up to `to`. */
  copy(frame: Uint8Array, from: number, to: number): void {
    for (let at = from; at < to; at++) this.add(frame[at] ?? 0)
  }

  addSlot(code: number): void {
    this.add(0)
    this.add(letterOf(code))
  }
}

export class FrameLearner {
  /** The template of the frame or element learnt last. */
  template = -1
  private readonly scalars: ScalarReader
  private readonly scope: TemplateScope
  private readonly trie: TemplateTrie
  private readonly matcher: FrameMatcher

  constructor(scalars: ScalarReader, trie: TemplateTrie, matcher: FrameMatcher) {
    this.scalars = scalars
    this.scope = trie.scope
    this.trie = trie
    this.matcher = matcher
  }

  /** Appends the scalars of the frame at `start` and sets `template`; false: it cannot be scanned, some were appended. */
  learn(start: number, end: number): boolean {
    return this.level(start, end, 0, false) === end
  }

  /** Where the frame, or the element of a list, ends. */
  private level(start: number, end: number, lists: number, isElement: boolean): number {
    const { scalars } = this
    const { bytes } = scalars
    const skeleton = new SkeletonBytes()
    let brackets = 0
    let at = start
    while (at < end) {
      const byte = bytes[at] ?? 0
      if (skeleton.length > MAX_TEMPLATE_BYTES) return FAILED
      if (byte === QUOTE) {
        at = this.string(at, end, skeleton)
      } else if (ENDS_TOKEN[byte] === 0) {
        at = this.bare(at, end, skeleton)
      } else {
        if (isElement && brackets === 0) {
          if (byte === COMMA || byte === CLOSE_ARRAY) break
          if (byte === CLOSE_OBJECT) return FAILED
        }
        if (byte === OPEN_ARRAY || byte === OPEN_OBJECT) brackets++
        else if (byte === CLOSE_ARRAY || byte === CLOSE_OBJECT) brackets--
        skeleton.add(byte)
        at++
        if (byte === OPEN_ARRAY && this.beginsList(at, end)) {
          skeleton.addSlot(LIST)
          at = this.list(at, end, lists + 1)
        }
      }
      if (at < 0) return FAILED
    }
    return this.finish(skeleton, isElement) ? at : FAILED
  }

  private finish(skeleton: SkeletonBytes, isElement: boolean): boolean {
    const { trie } = this
    this.template = this.scope.templateOf(skeleton.bytes.subarray(0, skeleton.length))
    if (this.template < 0) return false
    trie.add(this.template, isElement ? trie.elementRoot : trie.frameRoot)
    return true
  }

  /** From the opening quote to behind the closing one. */
  private string(at: number, end: number, skeleton: SkeletonBytes): number {
    const { scalars } = this
    const { bytes } = scalars
    let close = at + 1
    while (close < end && bytes[close] !== QUOTE) close += bytes[close] === BACKSLASH ? 2 : 1
    if (close >= end) return FAILED
    let next = close + 1
    while (next < end && isSpace(bytes[next])) next++
    const isKey = next < end && bytes[next] === COLON
    const code = isKey ? STATIC : scalars.quoted(at + 1, end, -1)
    if (code === BROKEN) return FAILED
    if (code === STATIC) {
      for (let place = at; place <= close; place++) if (bytes[place] === 0) return FAILED
      skeleton.copy(bytes, at, close + 1)
    } else {
      skeleton.add(QUOTE)
      skeleton.addSlot(code)
      skeleton.add(QUOTE)
    }
    return close + 1
  }

  /** To behind what stands outside quotes: a scalar, or one of the three words. */
  private bare(at: number, end: number, skeleton: SkeletonBytes): number {
    const { scalars } = this
    const code = scalars.bare(at, end)
    if (code === BROKEN) return FAILED
    if (code !== STATIC) {
      skeleton.addSlot(code)
      return scalars.position
    }
    const { bytes } = scalars
    let stop = at
    while (stop < end && ENDS_TOKEN[bytes[stop] ?? 0] === 0) stop++
    if (stop - at > 5 || !isWord(bytes, at, stop)) return FAILED
    skeleton.copy(bytes, at, stop)
    return stop
  }

  /** Whether the array whose bracket ends before `at` begins with an array or an object. */
  private beginsList(at: number, end: number): boolean {
    const { bytes } = this.scalars
    while (at < end && isSpace(bytes[at])) at++
    return at < end && (bytes[at] === OPEN_ARRAY || bytes[at] === OPEN_OBJECT)
  }

  /** To the closing bracket. */
  private list(at: number, end: number, lists: number): number {
    if (lists > MAX_LISTS) return FAILED
    const { scalars } = this
    const count = scalars.push(0)
    for (let elements = 1; ; elements++) {
      const template = scalars.push(0)
      const known = this.knownElement(at, end, lists)
      at = known < 0 ? this.level(at, end, lists, true) : known
      if (at < 0 || at >= end) return FAILED
      scalars.values[template] = this.template
      scalars.values[count] = elements
      if (scalars.bytes[at] === CLOSE_ARRAY) return at
      at++
    }
  }

  /** Where an element of a known template ends, its scalars appended; else FAILED and nothing appended. */
  private knownElement(at: number, end: number, lists: number): number {
    if (lists > FAST_LISTS) return FAILED
    const { scalars, matcher } = this
    const { count } = scalars
    const stop = matcher.match(this.trie.elementRoot, at, end, lists)
    if (stop < 0) scalars.count = count
    else this.template = matcher.template
    return stop
  }
}

const WORDS = ['true', 'false', 'null']

const isWord = (bytes: Uint8Array, from: number, to: number): boolean => {
  let word = ''
  for (let at = from; at < to; at++) word += String.fromCharCode(bytes[at] ?? 0)
  return WORDS.includes(word)
}
