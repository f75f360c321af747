/** The whole plan of what goes wrong: a script, chaos, both. Pure: the same calls get the same faults. */
import { ChaosFaults, type ChaosLevel } from './chaos.ts'
import type { FaultSource, FrameFault, FramePlace, RequestFault, RequestPlace } from './fault.ts'
import { type FaultRule, ScriptedFaults } from './scripted-faults.ts'

export interface FaultPlanOptions {
  readonly rules: readonly FaultRule[]
  readonly chaos: ChaosLevel | undefined
  readonly seed: number
}

const NONE: readonly FrameFault[] = []

export class FaultPlan implements FaultSource {
  private sources: readonly FaultSource[]

  constructor({ rules, chaos, seed }: FaultPlanOptions) {
    this.sources = [
      ...(rules.length === 0 ? [] : [new ScriptedFaults(rules)]),
      ...(chaos === undefined ? [] : [new ChaosFaults(chaos, seed)]),
    ]
  }

  onFrame(place: FramePlace, fits: (fault: FrameFault) => boolean): readonly FrameFault[] {
    if (this.sources.length === 0) return NONE
    return this.sources.flatMap((source) => source.onFrame(place, fits))
  }

  onRequest(place: RequestPlace): RequestFault | undefined {
    let due: RequestFault | undefined
    for (const source of this.sources) due ??= source.onRequest(place)
    return due
  }

  /** Nothing goes wrong any more. */
  stop(): void {
    this.sources = []
  }
}
