/** What an export cannot do, as one sentence for people. */
export class ExportProblem extends Error {}
