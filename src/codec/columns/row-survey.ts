/** The first walk over a chunk's rows: places, what their slots hold, ids and texts in the order of first sight. */
import type { ColumnHints } from '../../log/column-hints.ts'
import type { FrameTemplate } from '../../log/frame-row.ts'
import { type Place, PlaceTree } from './place.ts'

/** The rows of a chunk, one behind the other, as a scan leaves them. */
export interface ScannedRows {
  readonly templates: readonly FrameTemplate[]
  readonly values: Float64Array
  readonly scales: Uint8Array
  /** How many scalars there are. */
  readonly length: number
  readonly idCount: number
  readonly textCount: number
  /** By entry: the template, -1 for what stays verbatim. */
  readonly entryTemplates: Int32Array
  /** By entry, microseconds. */
  readonly receiveTimes: Float64Array
}

/** References in the order of first sight. */
export class FirstSights {
  /** By reference of the scan: the reference in the chunk, -1 before its first sight. */
  readonly local: Int32Array
  /** By reference in the chunk: that of the scan. */
  readonly order: Int32Array
  count = 0

  constructor(size: number) {
    this.local = new Int32Array(size).fill(-1)
    this.order = new Int32Array(size)
  }

  /** Every reference of the scan is the same in the chunk. */
  isInOrder(): boolean {
    for (let reference = 0; reference < this.count; reference++)
      if (this.order[reference] !== reference) return false
    return true
  }

  see(reference: number): void {
    if (this.local[reference] !== -1) return
    this.local[reference] = this.count
    this.order[this.count++] = reference
  }
}

export class RowSurvey {
  readonly tree: PlaceTree
  readonly ids: FirstSights
  readonly texts: FirstSights
  /** By entry: its place, undefined where it stays verbatim. */
  readonly entryPlaces: (Place | undefined)[] = []
  /** By entry, and one behind: where its row begins. */
  readonly rowStarts: Int32Array
  /** The rows' values, references being those of the chunk. */
  readonly values: Float64Array
  private readonly rows: ScannedRows
  private readonly roots = new Map<number, Place>()

  constructor(rows: ScannedRows, hints: ColumnHints) {
    this.rows = rows
    this.tree = new PlaceTree(hints)
    this.ids = new FirstSights(rows.idCount)
    this.texts = new FirstSights(rows.textCount)
    this.rowStarts = new Int32Array(rows.entryTemplates.length + 1)
    if (this.walkAll() !== rows.length) throw new Error('the rows are not as long as their templates say')
    this.values = this.ids.isInOrder() && this.texts.isInOrder() ? rows.values : this.renumbered()
  }

  /** Where the last row ends. */
  private walkAll(): number {
    const { entryPlaces, rowStarts } = this
    const { entryTemplates } = this.rows
    let at = 0
    for (let entry = 0; entry < entryTemplates.length; entry++) {
      const template = entryTemplates[entry] ?? -1
      const place = template < 0 ? undefined : this.root(template)
      entryPlaces.push(place)
      if (place !== undefined) at = this.walk(place, at)
      rowStarts[entry + 1] = at
    }
    return at
  }

  private renumbered(): Float64Array {
    const values = this.rows.values.slice(0, this.rows.length)
    let at = 0
    const walk = (place: Place): void => {
      for (const slot of place.slots) {
        const value = values[at] ?? 0
        if (slot.kind === 'id') values[at] = this.ids.local[value] ?? -1
        else if (slot.kind === 'text') values[at] = this.texts.local[value] ?? -1
        at++
        for (let element = 0; slot.kind === 'list' && element < value; element++) {
          const child = slot.children[slot.child(values[at++] ?? 0)]
          if (child !== undefined) walk(child)
        }
      }
    }
    for (const place of this.entryPlaces) if (place !== undefined) walk(place)
    return values
  }

  private root(template: number): Place {
    const known = this.roots.get(template)
    if (known !== undefined) return known
    const place = this.newPlace(template, '')
    this.roots.set(template, place)
    return place
  }

  private newPlace(template: number, way: string): Place {
    const shape = this.rows.templates[template]
    if (shape === undefined) throw new Error(`there is no template ${String(template)}`)
    return this.tree.add(template, shape, way)
  }

  private walk(place: Place, at: number): number {
    const { values, scales } = this.rows
    const { slots } = place
    place.count++
    for (let index = 0; index < slots.length; index++) {
      const slot = slots[index]
      if (slot === undefined) continue
      const value = values[at] ?? 0
      slot.add(value, scales[at] ?? 0)
      at++
      if (slot.kind === 'id') this.ids.see(value)
      else if (slot.kind === 'text') this.texts.see(value)
      else if (slot.kind === 'list') {
        for (let element = 0; element < value; element++) {
          const template = values[at] ?? 0
          let child = slot.child(template)
          if (child < 0)
            child = slot.addChild(this.newPlace(template, `${slot.name.slice(0, -' list'.length)}[].`))
          const childPlace = slot.children[child]
          if (childPlace !== undefined) at = this.walk(childPlace, at + 1)
        }
      }
    }
    return at
  }
}
