export interface Proof {
  readonly script: string
  readonly options: readonly string[]
  readonly expected: 'works' | 'notices' | 'defect'
  /** What is special about it. */
  readonly title?: string
}

export interface ProofResult {
  readonly client: string
  readonly works: boolean
  /** What is wrong, where it does not work. */
  readonly reason?: string
  /** Which known defect of the client that is. */
  readonly defect?: string
  readonly updates: number
  readonly checksums?: number
  readonly rows: number
}

export declare const PROOFS: readonly Proof[]
export declare const areInstalled: () => boolean
export declare const isAsExpected: (proof: Proof, result: ProofResult) => boolean
export declare const runProof: (proof: Proof) => Promise<ProofResult>
