import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'

import { isRight } from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'

import { parseRecordConfig, recordConfigSchema } from '../../src/app/recording/record-config.ts'
import { EXIT } from '../../src/cli/problem.ts'

const read = (name: string): string => readFileSync(resolve(import.meta.dirname, '../..', name), 'utf8')

describe('docs/config.schema.json', () => {
  it('is what bookreel check-config --schema prints', () => {
    expect(JSON.parse(read('docs/config.schema.json'))).toEqual(
      JSON.parse(JSON.stringify(recordConfigSchema)),
    )
  })
})

describe('the settings that are shown to users', () => {
  it.each([
    ['packaging/recorder.json', read('packaging/recorder.json')],
    ['docs/operations.md', /```json\n(\{\n {2}"pairs".*?)```/s.exec(read('docs/operations.md'))?.[1] ?? ''],
  ])('are right in %s', (_name, text) => {
    expect(parseRecordConfig(text)).toSatisfy(isRight)
  })
})

describe('packaging', () => {
  it('knows what the exit codes mean', () => {
    const unit = read('packaging/bookreel.service')
    const codes = (name: string): readonly number[] =>
      (new RegExp(`^${name}=(.*)$`, 'm').exec(unit)?.[1] ?? '').split(' ').map(Number)
    expect(codes('SuccessExitStatus')).toEqual([EXIT.interrupted, EXIT.terminated])
    expect(codes('RestartPreventExitStatus')).toEqual([EXIT.usage, EXIT.noRoom])
    // Only of the main process does the service manager heed the codes.
    expect(unit).not.toMatch(/^ExecStartPre=/m)
  })

  it('does not give a recorder up whose venues are away when the machine starts', () => {
    expect(read('packaging/bookreel.service')).toMatch(/^StartLimitIntervalSec=0$/m)
    expect(/^ {2}recorder:$(.*?)^volumes:/ms.exec(read('compose.yaml'))?.[1]).toMatch(
      /^ {4}restart: unless-stopped$/m,
    )
  })

  it('gives every recorder more time to stop than it takes', () => {
    const least = Number(/STOP_TIMEOUT = (\d+)_000/.exec(read('src/recorder/supervised-pair.ts'))?.[1])
    const unit = Number(/^TimeoutStopSec=(\d+)$/m.exec(read('packaging/bookreel.service'))?.[1])
    const compose = Number(/stop_grace_period: (\d+)s/.exec(read('compose.yaml'))?.[1])
    expect(least).toBeGreaterThan(0)
    expect(unit).toBeGreaterThan(least)
    expect(compose).toBeGreaterThan(least)
  })

  it('runs without root, and with nothing of its own to write to', () => {
    expect(read('packaging/Dockerfile')).toMatch(/^USER node$/m)
    expect(read('packaging/Dockerfile')).toMatch(/^HEALTHCHECK /m)
    expect(read('compose.yaml')).toMatch(/^ {4}read_only: true$/m)
    expect(read('packaging/bookreel.service')).toMatch(/^ProtectSystem=strict$/m)
  })
})
