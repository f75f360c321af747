/** Faults from a script: which rule falls on which frame or request. Owns the counting, no clock. */
import {
  type Fault,
  type FaultSource,
  type FrameFault,
  type FramePlace,
  isRequestFault,
  type RequestFault,
  type RequestPlace,
} from './fault.ts'

/** `count`: the `first` matching one, then every `step`, so many `times`. `moment`: the first matching one from then on. */
export type When =
  | { readonly kind: 'count'; readonly first: number; readonly step: number; readonly times: number }
  | { readonly kind: 'moment'; readonly seconds: number }

/** A line of a script: a fault, where it may happen, and when. What is undefined matches everything. */
export interface FaultRule {
  readonly fault: Fault
  readonly when: When
  readonly venue: string | undefined
  readonly connection: number | undefined
  readonly channel: string | undefined
  /** A part of the request's path. */
  readonly path: string | undefined
}

/** A rule and how far it is. Only what the rule matches is counted. */
class Counted<F extends Fault> {
  readonly fault: F
  private readonly rule: FaultRule
  private count = 0
  private fired = 0

  constructor(rule: FaultRule, fault: F) {
    this.rule = rule
    this.fault = fault
  }

  matches({ venue, connection, channel }: { venue: string; connection?: number; channel?: string }): boolean {
    const { rule } = this
    return (
      (rule.venue === undefined || rule.venue === venue) &&
      (rule.connection === undefined || rule.connection === connection) &&
      (rule.channel === undefined || rule.channel === channel)
    )
  }

  matchesPath(path: string): boolean {
    return this.rule.path === undefined || path.includes(this.rule.path)
  }

  /** Counts one more that matches; true when the fault falls on it. */
  take(seconds: number): boolean {
    const { when } = this.rule
    this.count++
    const isDue =
      when.kind === 'moment'
        ? this.fired === 0 && seconds >= when.seconds
        : this.fired < when.times && this.count >= when.first && (this.count - when.first) % when.step === 0
    if (isDue) this.fired++
    return isDue
  }
}

export class ScriptedFaults implements FaultSource {
  private readonly frameRules: readonly Counted<FrameFault>[]
  private readonly requestRules: readonly Counted<RequestFault>[]

  constructor(rules: readonly FaultRule[]) {
    const frames: Counted<FrameFault>[] = []
    const requests: Counted<RequestFault>[] = []
    for (const rule of rules) {
      const { fault } = rule
      if (isRequestFault(fault)) requests.push(new Counted(rule, fault))
      else frames.push(new Counted(rule, fault))
    }
    this.frameRules = frames
    this.requestRules = requests
  }

  onFrame(place: FramePlace, fits: (fault: FrameFault) => boolean): readonly FrameFault[] {
    const due: FrameFault[] = []
    for (const rule of this.frameRules)
      if (rule.matches(place) && fits(rule.fault) && rule.take(place.seconds)) due.push(rule.fault)
    return due
  }

  onRequest({ venue, path, seconds }: RequestPlace): RequestFault | undefined {
    let due: RequestFault | undefined
    for (const rule of this.requestRules)
      if (rule.matches({ venue }) && rule.matchesPath(path) && rule.take(seconds)) due ??= rule.fault
    return due
  }
}
