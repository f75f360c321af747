/** What kinds of order flow there are. Each figure is explained, with its source, in docs/simulator.md. */

export interface FlowPreset {
  /** Engine events a second where no rate is asked for. */
  readonly rate: number
  /** Mean number of engine events that one action causes, measured. */
  readonly eventsPerAction: number
  /** Share of actions that another one has excited. */
  readonly excitation: number
  /** Actions that one sudden burst calls at once, and how many of a million actions set one off. */
  readonly burstActions: number
  readonly burstsPerMillion: number
  /** Standard deviation of the fair price over a second, in basis points. */
  readonly volatility: number
  /** Jumps of the fair price a thousand seconds. */
  readonly jumps: number
  /** Half the near orders are placed closer to the fair price than 0.58 of this, in basis points. */
  readonly spread: number
  /** Of a thousand actions: orders that take, amendments. */
  readonly taking: number
  readonly amending: number
}

export const FLOW_PRESETS = {
  calm: {
    ...{ rate: 50, eventsPerAction: 1.49, excitation: 0.5, burstActions: 0, burstsPerMillion: 0 },
    ...{ volatility: 0.1, jumps: 1, spread: 4, taking: 12, amending: 170 },
  },
  busy: {
    ...{ rate: 500, eventsPerAction: 1.53, excitation: 0.75, burstActions: 0, burstsPerMillion: 0 },
    ...{ volatility: 0.5, jumps: 4, spread: 3, taking: 20, amending: 200 },
  },
  burst: {
    ...{ rate: 2000, eventsPerAction: 1.58, excitation: 0.8, burstActions: 300, burstsPerMillion: 200 },
    ...{ volatility: 1.5, jumps: 40, spread: 4, taking: 35, amending: 220 },
  },
} as const satisfies Record<string, FlowPreset>

export type FlowPresetName = keyof typeof FLOW_PRESETS
