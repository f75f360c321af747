/**
 * Sorts the operations of a program into passes over the rows: such as need nothing but registers and columns of their
 * own, at most one in a segment, go through a tight loop, ids through another, all others stay together. Operations that
 * share a register or a column stay in one pass, so that they are done in the order of the rows.
 */
import {
  ALSO_TO,
  CODE,
  COLUMN,
  CONSTANT,
  FROM,
  LAG_TO,
  type RowProgram,
  STANDING,
  STEP,
  TO,
  UUID,
} from './row-program.ts'

/** Operations by segment. */
export interface SegmentSteps {
  /** By segment, and one behind: where its operations begin in `list`. */
  readonly first: Int32Array
  /** Where each stands in the program's `steps`. */
  readonly list: Int32Array
}

export interface RowPasses {
  /** Of each tight pass, by segment: where its operation stands in the program's `steps`; -1: none. */
  readonly tight: readonly Int32Array[]
  readonly ids: SegmentSteps
  readonly others: SegmentSteps
}

/** Sets that are joined; each is known by its smallest member. */
class JoinedSets {
  private readonly parents = new Map<number, number>()

  rootOf(member: number): number {
    let root = member
    for (let next = this.parents.get(root); next !== undefined; next = this.parents.get(root)) root = next
    if (root !== member) this.parents.set(member, root)
    return root
  }

  join(one: number, other: number): void {
    const [first, second] = [this.rootOf(one), this.rootOf(other)]
    if (first !== second) this.parents.set(Math.max(first, second), Math.min(first, second))
  }
}

/** Operations that share anything, all of them tight. */
interface Component {
  /** By number of the segment. */
  readonly steps: Map<number, number>
  isTight: boolean
}

/** What an operation rests on and moves, as numbers: registers, and columns behind them. */
const componentsOf = ({ steps, first, registers }: RowProgram): ReadonlyMap<number, Component> => {
  const sets = new JoinedSets()
  const own = (step: number): number => -1 - step
  const segments = first.length - 1
  for (let step = 0; step < steps.length; step += STEP) {
    const code = steps[step + CODE] ?? 0
    if (code !== CONSTANT) sets.join(own(step), registers.length + (steps[step + COLUMN] ?? 0))
    for (const what of [FROM, TO, ALSO_TO, LAG_TO]) {
      const register = steps[step + what] ?? 0
      if (register > 0) sets.join(own(step), register)
    }
  }
  const components = new Map<number, Component>()
  for (let segment = 0; segment < segments; segment++)
    for (let step = first[segment] ?? 0; step < (first[segment + 1] ?? 0); step += STEP) {
      const root = sets.rootOf(own(step))
      const component = components.get(root) ?? { steps: new Map<number, number>(), isTight: true }
      components.set(root, component)
      if ((steps[step + CODE] ?? 0) > STANDING || component.steps.has(segment)) component.isTight = false
      component.steps.set(segment, step)
    }
  return components
}

/** Components with a segment in common go into passes of their own. */
const tightPasses = (components: Iterable<Component>, segments: number): Int32Array[] => {
  const passes: Int32Array[] = []
  for (const { isTight, steps } of components) {
    if (!isTight) continue
    let pass = passes.find((known) => [...steps.keys()].every((segment) => known[segment] === -1))
    if (pass === undefined) {
      pass = new Int32Array(segments).fill(-1)
      passes.push(pass)
    }
    for (const [segment, step] of steps) pass[segment] = step
  }
  return passes
}

const chosen = ({ first }: RowProgram, isChosen: (step: number) => boolean): SegmentSteps => {
  const list: number[] = []
  const starts = first.map((from, segment) => {
    const start = list.length
    for (let step = from; step < (first[segment + 1] ?? 0); step += STEP) if (isChosen(step)) list.push(step)
    return start
  })
  return { first: starts, list: Int32Array.from(list) }
}

export const rowPasses = (program: RowProgram): RowPasses => {
  const { steps, first } = program
  const tight = tightPasses(componentsOf(program).values(), first.length - 1)
  const isTight = new Uint8Array(steps.length)
  for (const pass of tight) for (const step of pass) if (step >= 0) isTight[step] = 1
  const isId = (step: number): boolean => steps[step + CODE] === UUID
  return {
    tight,
    ids: chosen(program, isId),
    others: chosen(program, (step) => isTight[step] === 0 && !isId(step)),
  }
}
