import { describe, expect, it } from 'vitest'

import { areInstalled, isAsExpected, type Proof, PROOFS, runProof } from './proofs.mjs'

const having = (expected: Proof['expected']): readonly Proof[] =>
  PROOFS.filter((proof) => proof.expected === expected)

// Each waits for a flow of some seconds more than it computes.
describe.concurrent('a client that was not written here', () => {
  if (!areInstalled()) {
    it.skip('is not installed: npm ci --ignore-scripts --prefix test/clients', () => undefined)
    return
  }

  it.each(having('works'))('$script $options rebuilds the engine’s book', async (proof) => {
    const result = await runProof(proof)
    expect(result.reason).toBeUndefined()
    expect(result.updates).toBeGreaterThanOrEqual(25)
    expect(result.rows).toBeGreaterThanOrEqual(50)
  })

  it.each(having('notices'))('$script notices $title', async (proof) => {
    const result = await runProof(proof)
    expect(isAsExpected(proof, result), JSON.stringify(result)).toBe(true)
  })

  it.each(having('defect'))('$script differs with $title by a defect of its own', async (proof) => {
    const result = await runProof(proof)
    expect(isAsExpected(proof, result), JSON.stringify(result)).toBe(true)
  })
})
