/** What a store answers, short enough to compare. */
import { type Either, isLeft } from 'fp-ts/lib/Either.js'

import { type StoreError, StoreFailure } from '../../src/log/event-store.ts'

/** The kind of a refusal, or `done`. */
export const kindOf = (result: Either<StoreError, unknown>): string =>
  isLeft(result) ? result.left.kind : 'done'

/** What a reading throws, undefined when it succeeds. */
export const failureOf = async (reading: Promise<unknown>): Promise<StoreError | undefined> => {
  try {
    await reading
    return undefined
  } catch (error) {
    return error instanceof StoreFailure ? error.error : undefined
  }
}
