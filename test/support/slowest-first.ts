/** The order of test files: those that take longest begin, so that none of them is left alone at the end. */
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Slowest first. Their size says nothing of what they wait for. */
const SLOWEST: readonly string[] = [
  'simulator/round-trip',
  'recorder/record',
  'recorder/shared-store',
  'recorder/record-mongo',
  'cli/capture-over-sockets',
  'storage/compaction',
  'recorder/hand-over',
  'recorder/record-modes',
  'reliability/reliability',
  'storage/mongo-cut-short',
  'cli/settings-reload',
  'cli/keeping',
  'simulator/serve/round-trip',
  'golden/stores',
  'cli/mongo-store',
].map((name) => `/test/${name}.integration.test.ts`)

const placeOf = ({ moduleId }: TestSpecification): number => {
  const place = SLOWEST.findIndex((file) => moduleId.endsWith(file))
  if (place >= 0) return place
  return SLOWEST.length + (moduleId.endsWith('.integration.test.ts') ? 0 : 1)
}

export class SlowestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    return sorted.sort((one, other) => placeOf(one) - placeOf(other))
  }
}
