/**
 * Templates as a tree of their bytes and slots, so that one walk along a frame's bytes finds its template: bytes that
 * several templates share are compared once.
 */
import { END, PIECE, type TemplateScope } from './template-scope.ts'

/** Of a node, STRIDE numbers: */
export const NODE = {
  /** Where its bytes begin in the scope's pool, and how many they are. */
  from: 0,
  length: 1,
  /** What may stand behind its bytes: see PLACE. */
  place: 2,
  /** The code of the slot seen here first. */
  likely: 3,
  /** The template whose frames end here, or -1. */
  template: 4,
  /** The first node of those that go on with bytes, or -1; they are linked by `sibling`. */
  branch: 5,
  sibling: 6,
  /** By code: the node behind a slot of that kind, or -1. */
  behind: 7,
} as const
const STRIDE = 12

/** Slots behind a node's bytes: none, in quotes, outside quotes (lists too). */
export const PLACE = { none: 0, quoted: 1, bare: 2 } as const

export class TemplateTrie {
  /** All nodes; a node is the index of its first number. Another array after it grew. */
  nodes = new Int32Array(STRIDE * 64)
  /** Where frames begin, and where elements of lists do. */
  readonly frameRoot: number
  readonly elementRoot: number
  readonly scope: TemplateScope
  private length = 0
  private readonly added = new Set<number>()

  constructor(scope: TemplateScope) {
    this.scope = scope
    this.frameRoot = this.newNode(0, 0)
    this.elementRoot = this.newNode(0, 0)
  }

  /** Adds a template of the scope under a root; again: nothing happens. */
  add(template: number, root: number): void {
    const key = template * 2 + (root === this.frameRoot ? 0 : 1)
    if (this.added.has(key)) return
    this.added.add(key)
    const { templates, firstPieces, pieces } = this.scope
    let piece = firstPieces[template] ?? 0
    let node = root
    for (const slot of templates[template]?.slots ?? []) {
      node = this.walk(node, pieces[piece] ?? 0, pieces[piece + 1] ?? 0)
      node = this.behindSlot(node, pieces[piece + 2] ?? END, slot.isQuoted ? PLACE.quoted : PLACE.bare)
      piece += PIECE
    }
    node = this.walk(node, pieces[piece] ?? 0, pieces[piece + 1] ?? 0)
    this.nodes[node + NODE.template] = template
  }

  /** The node that ends behind these bytes of the pool, from the beginning of a node on. */
  private walk(node: number, from: number, length: number): number {
    if (this.isFresh(node)) {
      this.nodes[node + NODE.from] = from
      this.nodes[node + NODE.length] = length
      return node
    }
    for (;;) {
      const common = this.commonLength(node, from, length)
      if (common < (this.nodes[node + NODE.length] ?? 0)) this.split(node, common)
      from += common
      length -= common
      if (length === 0) return node
      const next = this.branchOf(node, this.scope.pool[from] ?? 0)
      if (next < 0) return this.newBranch(node, from, length)
      node = next
    }
  }

  /** Nothing was told of the node yet. */
  private isFresh(node: number): boolean {
    const { nodes } = this
    if (nodes[node + NODE.length] !== 0 || nodes[node + NODE.place] !== PLACE.none) return false
    return nodes[node + NODE.template] === -1 && nodes[node + NODE.branch] === -1
  }

  private branchOf(node: number, byte: number): number {
    const { nodes } = this
    let next = nodes[node + NODE.branch] ?? -1
    while (next >= 0 && this.scope.pool[nodes[next + NODE.from] ?? 0] !== byte)
      next = nodes[next + NODE.sibling] ?? -1
    return next
  }

  private commonLength(node: number, from: number, length: number): number {
    const { pool } = this.scope
    const own = this.nodes[node + NODE.from] ?? 0
    const most = Math.min(length, this.nodes[node + NODE.length] ?? 0)
    let common = 0
    while (common < most && pool[own + common] === pool[from + common]) common++
    return common
  }

  /** Leaves a node its first bytes and gives all else to a node behind it. */
  private split(node: number, length: number): void {
    const { nodes } = this
    const tail = this.newNode(
      (nodes[node + NODE.from] ?? 0) + length,
      (nodes[node + NODE.length] ?? 0) - length,
    )
    for (const field of [NODE.place, NODE.likely, NODE.template, NODE.branch])
      this.nodes[tail + field] = this.nodes[node + field] ?? -1
    for (let code = 0; code < STRIDE - NODE.behind; code++) {
      this.nodes[tail + NODE.behind + code] = this.nodes[node + NODE.behind + code] ?? -1
      this.nodes[node + NODE.behind + code] = -1
    }
    this.nodes[node + NODE.length] = length
    this.nodes[node + NODE.place] = PLACE.none
    this.nodes[node + NODE.likely] = -1
    this.nodes[node + NODE.template] = -1
    this.nodes[node + NODE.branch] = tail
  }

  private newBranch(node: number, from: number, length: number): number {
    const branch = this.newNode(from, length)
    this.nodes[branch + NODE.sibling] = this.nodes[node + NODE.branch] ?? -1
    this.nodes[node + NODE.branch] = branch
    return branch
  }

  private behindSlot(node: number, code: number, place: number): number {
    const known = this.nodes[node + NODE.behind + code] ?? -1
    if (known >= 0) return known
    const next = this.newNode(0, 0)
    if (this.nodes[node + NODE.place] === PLACE.none) this.nodes[node + NODE.likely] = code
    this.nodes[node + NODE.place] = place
    this.nodes[node + NODE.behind + code] = next
    return next
  }

  private newNode(from: number, length: number): number {
    const node = this.length
    this.length = node + STRIDE
    if (this.length > this.nodes.length) {
      const grown = new Int32Array(this.nodes.length * 2)
      grown.set(this.nodes)
      this.nodes = grown
    }
    this.nodes.fill(-1, node, this.length)
    this.nodes[node + NODE.from] = from
    this.nodes[node + NODE.length] = length
    this.nodes[node + NODE.place] = PLACE.none
    return node
  }
}
