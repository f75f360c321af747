/**
 * What a venue knows of frames' templates: bound once by their text, found by their number for each further frame.
 * Owns the remembering alone; what a binding is and which templates get one is the venue's.
 */
import type { FrameScope, FrameTemplate } from '../log/frame-row.ts'

/** Templates remembered across scopes; further ones begin the memory anew. */
const REMEMBERED = 4_096

export class RowBindings<Binding extends object> {
  private readonly bind: (template: FrameTemplate) => Binding
  private scope: FrameScope | undefined
  /** By the number of the template in `scope`. */
  private byNumber: (Binding | undefined)[] = []
  private bySkeleton = new Map<string, Binding>()

  /** `bind` looks at a template alone, never at a frame: what it gives holds for all frames of the template. */
  constructor(bind: (template: FrameTemplate) => Binding) {
    this.bind = bind
  }

  /** The binding of a template of this scope. */
  of(scope: FrameScope, template: number): Binding {
    if (scope !== this.scope) {
      this.scope = scope
      this.byNumber = []
    }
    return this.byNumber[template] ?? this.learn(scope, template)
  }

  private learn(scope: FrameScope, number: number): Binding {
    const template = scope.templates[number]
    if (template === undefined) throw new RangeError(`no template ${String(number)} in this scope`)
    let binding = this.bySkeleton.get(template.skeleton)
    if (binding === undefined) {
      binding = this.bind(template)
      if (this.bySkeleton.size >= REMEMBERED) this.bySkeleton = new Map()
      this.bySkeleton.set(template.skeleton, binding)
    }
    this.byNumber[number] = binding
    return binding
  }
}
