/**
 * Scans a frame along the templates that are known: the fast way, one walk over its bytes. What no known template fits
 * is the learner's.
 */
import { BROKEN, type ScalarReader, STATIC } from './scalar-reader.ts'
import { LIST } from './slot-codes.ts'
import type { TemplateScope } from './template-scope.ts'
import { NODE, PLACE, type TemplateTrie } from './template-trie.ts'

/** The deepest lists inside lists; deeper ones stay verbatim. */
export const MAX_LISTS = 8

const COMMA = 44
const OPEN_ARRAY = 91
const CLOSE_ARRAY = 93
const OPEN_OBJECT = 123
const FAILED = -1

export class FrameMatcher {
  /** Of the frame or element matched last. */
  template = 0
  private readonly scalars: ScalarReader
  private readonly scope: TemplateScope
  private readonly trie: TemplateTrie

  constructor(scalars: ScalarReader, trie: TemplateTrie) {
    this.scalars = scalars
    this.scope = trie.scope
    this.trie = trie
  }

  /**
   * Appends the scalars of the frame (lists 0) or element at `at` along known templates and sets `template`. Where it
   * ends; -1: none fits, some were appended.
   */
  match(root: number, at: number, end: number, lists: number): number {
    const { scalars } = this
    const { nodes } = this.trie
    const { bytes } = scalars
    let node = root
    for (;;) {
      at = this.matchBytes(node, at, end)
      if (at < 0) return FAILED
      if (nodes[node + NODE.place] !== PLACE.none) {
        const behind = this.matchSlot(node, at, end, lists)
        if (behind >= 0) {
          at = scalars.position
          node = behind
          continue
        }
        if (behind === BROKEN) return FAILED
      }
      const template = nodes[node + NODE.template] ?? -1
      if (template >= 0) {
        const next = bytes[at]
        if (lists === 0 ? at === end : at < end && (next === COMMA || next === CLOSE_ARRAY)) {
          this.template = template
          return at
        }
      }
      if (at >= end) return FAILED
      const { pool } = this.scope
      node = nodes[node + NODE.branch] ?? -1
      while (node >= 0 && pool[nodes[node + NODE.from] ?? 0] !== bytes[at])
        node = nodes[node + NODE.sibling] ?? -1
      if (node < 0) return FAILED
    }
  }

  /** Behind the node's bytes when they stand at `at`, else FAILED. */
  private matchBytes(node: number, at: number, end: number): number {
    const { nodes } = this.trie
    const { view, bytes } = this.scalars
    const { pool, poolView } = this.scope
    const length = nodes[node + NODE.length] ?? 0
    let from = nodes[node + NODE.from] ?? 0
    const stop = at + length
    if (stop > end) return FAILED
    if (length >= 4) {
      const last = stop - 4
      for (; at < last; at += 4, from += 4)
        if (view.getInt32(at, true) !== poolView.getInt32(from, true)) return FAILED
      from -= at - last
      return view.getInt32(last, true) === poolView.getInt32(from, true) ? stop : FAILED
    }
    for (; at < stop; at++, from++) if (bytes[at] !== pool[from]) return FAILED
    return stop
  }

  /** The node behind the slot at `at`, the scalar appended and `position` set; STATIC: no scalar stands here; BROKEN. */
  private matchSlot(node: number, at: number, end: number, lists: number): number {
    const { nodes } = this.trie
    const { scalars } = this
    let code: number
    if (nodes[node + NODE.place] === PLACE.quoted)
      code = scalars.quoted(at, end, nodes[node + NODE.likely] ?? -1)
    else {
      code = at < end ? scalars.bare(at, end) : STATIC
      if (code === STATIC && (nodes[node + NODE.behind + LIST] ?? -1) >= 0)
        code = this.matchList(at, end, lists + 1)
    }
    if (code < 0) return code
    const behind = nodes[node + NODE.behind + code] ?? -1
    return behind < 0 ? BROKEN : behind
  }

  /** LIST, all elements appended and `position` at the closing bracket; STATIC, BROKEN. */
  private matchList(at: number, end: number, lists: number): number {
    const { scalars } = this
    const { bytes } = scalars
    let first = at
    while (
      first < end &&
      (bytes[first] === 32 || bytes[first] === 10 || bytes[first] === 13 || bytes[first] === 9)
    )
      first++
    if (first >= end || (bytes[first] !== OPEN_ARRAY && bytes[first] !== OPEN_OBJECT)) return STATIC
    if (lists > MAX_LISTS) return BROKEN
    const count = scalars.push(0)
    for (let elements = 1; ; elements++) {
      const template = scalars.push(0)
      at = this.match(this.trie.elementRoot, at, end, lists)
      if (at < 0) return BROKEN
      scalars.values[template] = this.template
      if (bytes[at] === CLOSE_ARRAY) {
        scalars.values[count] = elements
        scalars.position = at
        return LIST
      }
      at++
    }
  }
}
