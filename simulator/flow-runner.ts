/** Runs the flows of one venue by the wall clock, or as fast as its readers take it. Owns the timers. */
import type { Engine } from './engine/engine.ts'
import type { OrderFlow } from './engine/order-flow.ts'

/** A market in motion. */
export interface RunningMarket {
  readonly flow: OrderFlow
  readonly engine: Engine
  /** Number of the engine event after which the flow ends. */
  readonly until: number
}

export interface FlowRunnerOptions {
  readonly markets: readonly RunningMarket[]
  /** `wall`: an action happens when the wall clock reaches its time. `max`: as fast as can be, while somebody reads. */
  readonly pace: 'wall' | 'max'
  readonly hasReaders: () => boolean
  /** While true the flow waits; at `wall` pace it goes on from where it was, later. */
  readonly isBehind: () => boolean
  /** Called once: every market reached its end, or the runner was stopped. */
  readonly ended: () => void
}

/** Milliseconds of work before sockets get their turn. */
const SLICE = 4
const PAUSE = 5
/** Turns that the sockets get after a slice: each accepts one connection of those that wait. */
const TURNS_OF_SOCKETS = 4

export class FlowRunner {
  private readonly options: FlowRunnerOptions
  private isRunning = true
  private timer: NodeJS.Timeout | NodeJS.Immediate | undefined
  /** Wall clock and flow time that belong together. */
  private anchorWall = performance.now()
  private anchorTime: number

  constructor(options: FlowRunnerOptions) {
    this.options = options
    this.anchorTime = Math.min(...options.markets.map(({ flow }) => flow.time))
    this.turnAfter(0)
  }

  stop(): void {
    if (!this.isRunning) return
    this.isRunning = false
    if (this.timer !== undefined) {
      clearTimeout(this.timer as NodeJS.Timeout)
      clearImmediate(this.timer as NodeJS.Immediate)
    }
    this.options.ended()
  }

  private turnAfter(milliseconds: number): void {
    const turn = (): void => {
      if (this.isRunning) this.turn()
    }
    let turnsLeft = TURNS_OF_SOCKETS
    const yielded = (): void => {
      if (--turnsLeft > 0 && this.isRunning) this.timer = setImmediate(yielded)
      else turn()
    }
    this.timer = milliseconds === 0 ? setImmediate(yielded) : setTimeout(turn, milliseconds)
  }

  private turn(): void {
    const { pace, hasReaders, isBehind } = this.options
    if (isBehind() || (pace === 'max' && !hasReaders())) {
      this.anchor()
      this.turnAfter(PAUSE)
      return
    }
    const isLate = pace === 'max' ? this.runSlice(Infinity) : this.runSlice(this.due())
    if (this.options.markets.every(isFinished)) {
      this.stop()
      return
    }
    if (isLate && pace === 'wall') this.anchor()
    this.turnAfter(pace === 'max' ? 0 : PAUSE)
  }

  private due(): number {
    return this.anchorTime + (performance.now() - this.anchorWall) * 1000
  }

  /** The flow goes on from its own time now: what was missed is not hurried after. */
  private anchor(): void {
    this.anchorWall = performance.now()
    this.anchorTime = Math.min(
      ...this.options.markets.filter((market) => !isFinished(market)).map(({ flow }) => flow.time),
    )
  }

  /** Runs what is due; true when the slice was over before the work. */
  private runSlice(due: number): boolean {
    const end = performance.now() + SLICE
    for (;;) {
      let hasWork = false
      for (const market of this.options.markets) {
        for (let action = 0; action < 20 && market.flow.time <= due && !isFinished(market); action++) {
          market.flow.step()
          hasWork = true
        }
      }
      if (!hasWork) return false
      if (performance.now() >= end) return true
    }
  }
}

const isFinished = ({ engine, until }: RunningMarket): boolean => engine.lastNumber >= until
