import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'

import { describe, expect, it } from 'vitest'

import { runCommand } from '../support/recorder-process.ts'

const read = (name: string): string => readFileSync(resolve(import.meta.dirname, '../..', name), 'utf8')

/** Command lines of bookreel that the files hold: the words behind its name. */
const commandLines = (): readonly (readonly [string, readonly string[]])[] => {
  const found: (readonly [string, readonly string[]])[] = []
  const unit = read('packaging/bookreel.service').replace(/^#.*$/gm, (line) => line.slice(1))
  for (const [, words = ''] of unit.matchAll(/^Exec\w+=.*\bbookreel (.*)$/gm))
    found.push(['unit', words.split(' ')])
  for (const [, list = ''] of read('packaging/Dockerfile').matchAll(/CMD (\[.*\])$/gm)) {
    const words = JSON.parse(list) as string[]
    found.push(['image', words[0] === 'node' ? words.slice(2) : words])
  }
  const [, composed = ''] = /command: \[(record.*)\]/.exec(read('compose.yaml')) ?? []
  found.push(['compose', composed.split(', ')])
  return found
}

describe('what packaging runs', () => {
  it('finds all of it', () => {
    expect(commandLines().map(([where, [command]]) => [where, command])).toEqual([
      ['unit', 'record'],
      ['image', 'status'],
      ['image', 'record'],
      ['compose', 'record'],
    ])
  })

  it.each(commandLines())('of the %s is there: %j', async (_where, [command = '', ...words]) => {
    const { code, stdout } = await runCommand(command, '--help')
    expect(code).toBe(0)
    for (const flag of words.filter((word) => word.startsWith('--')))
      expect(stdout).toMatch(new RegExp(`${flag}\\b`))
  })

  it('shows settings that are right', async () => {
    const file = resolve(import.meta.dirname, '../../packaging/recorder.json')
    const { code, stdout, stderr } = await runCommand('check-config', file)
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toMatch(/^bitfinex:ETH-USD +tETHUSD +R0 +wss:/m)
  })
})
