/** What keeps a recording from being served: one sentence for the user. */
export class PlaybackProblem extends Error {}
