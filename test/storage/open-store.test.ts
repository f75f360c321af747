import { isLeft } from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'

import { describeStoreError } from '../../src/log/event-store.ts'
import { openStore } from '../../src/storage/open-store.ts'

const answerTo = async (url: string): Promise<string> => {
  const store = await openStore(url, 'read')()
  return isLeft(store) ? describeStoreError(store.left) : 'opened'
}

describe('openStore', () => {
  it('opens a store in memory', async () => {
    expect(await answerTo('memory:')).toBe('opened')
  })

  it.each([
    ['./somewhere', /file:\.\/somewhere/],
    ['C:\\somewhere', /write file:/],
    ['', /file:/],
    ['file:', /names no folder/],
    ['file:/nowhere/at/all', /There is no store at \/nowhere\/at\/all/],
    [
      'mongodb://127.0.0.1:1/books?serverSelectionTimeoutMS=100',
      /MongoDB at mongodb:\/\/127\.0\.0\.1:1\/books (cannot|does not answer)/,
    ],
    ['mongodb://', /cannot be used/],
    ['mongodb+srv://host.invalid:1/books', /cannot be used/],
    ['s3://bucket', /no known kind/],
    ['mongo://ann:secret@host/books', /^(?!.*secret).*no known kind/],
    ['constructor:x', /no known kind/],
  ])('answers %j with one sentence', async (url, expected) => {
    const answer = await answerTo(url)
    expect(answer).toMatch(expected)
    expect(answer).toMatch(/^[A-Z][^\n]*\.$/)
  })
})
