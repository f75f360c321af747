import { join, resolve } from 'node:path'

import { expect, it } from 'vitest'

import { publicApi } from './public-api.ts'

const root = resolve(import.meta.dirname, '../..')
const HOW =
  'The public API has changed. Where that is meant: npx vitest run --project unit test/api -u, and a line in CHANGELOG.md.'

it('the public API is the one of test/api/public-api.txt', async () => {
  const api = publicApi(join(root, 'src/index.ts'), join(root, 'tsconfig.json'))
  expect(api).toContain('const openArchive: (url: string) => Promise<Archive>')
  expect(api).not.toContain(root)
  await expect(api, HOW).toMatchFileSnapshot(join(import.meta.dirname, 'public-api.txt'))
})
