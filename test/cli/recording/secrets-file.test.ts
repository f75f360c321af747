import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { takeSecrets } from '../../../src/cli/recording/secrets-file.ts'

let folder = ''
let file = ''
const environment = { ...process.env }

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bookreel-secrets-'))
  file = join(folder, 'secrets')
})

afterEach(() => {
  for (const name of Object.keys(process.env))
    if (!(name in environment)) Reflect.deleteProperty(process.env, name)
  Object.assign(process.env, environment)
  rmSync(folder, { recursive: true, force: true })
})

describe('takeSecrets', () => {
  it('puts each line into the environment, comments and empty lines aside', () => {
    writeFileSync(file, '# of a test\r\nTOYVENUE_API_KEY=a=b c\n\nTOYVENUE_API_SECRET=\n')
    takeSecrets(file)
    expect([process.env['TOYVENUE_API_KEY'], process.env['TOYVENUE_API_SECRET']]).toEqual(['a=b c', ''])
  })

  it.each(['hush', 'NODE_OPTIONS=--hush', 'TOYVENUE_API_KEY: hush', ' TOYVENUE_API_KEY=hush'])(
    'refuses %j by its number and does not repeat it',
    (line) => {
      writeFileSync(file, `# first\n${line}\n`)
      expect(() => {
        takeSecrets(file)
      }).toThrow(/^Line 2 of --secrets (?!.*hush)/)
    },
  )
})
