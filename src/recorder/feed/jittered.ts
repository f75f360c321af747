/** Times that are spread, so that what begins together does not happen together again and again. */

/** These milliseconds, give or take a share of them. `random`: gives numbers from 0 to below 1. */
export const jittered = (milliseconds: number, share: number, random: () => number): number =>
  milliseconds * (1 - share + 2 * share * random())
