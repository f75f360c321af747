import { chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { askRecorders, ownSocketPath } from '../../../src/app/monitor/status-sockets.ts'

let place = ''

beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), 'bookreel-sockets-'))
  vi.stubEnv('XDG_RUNTIME_DIR', place)
})

afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(place, { recursive: true, force: true })
})

describe('the folder of the status sockets', () => {
  it('is made for this user', () => {
    expect(ownSocketPath()).toBe(join(place, 'bookreel', `${String(process.pid)}.sock`))
  })

  it.skipIf(process.getuid?.() !== 0)('is not used where another user made it', async () => {
    const folder = join(place, 'bookreel')
    mkdirSync(folder)
    writeFileSync(join(folder, '1.sock'), '')
    chownSync(folder, 65534, 65534)
    expect(() => ownSocketPath()).toThrow(`${folder} belongs to another user: set XDG_RUNTIME_DIR`)
    expect(await askRecorders()).toEqual({ reports: [], silent: [] })
  })
})
