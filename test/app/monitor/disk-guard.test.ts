import { describe, expect, it } from 'vitest'

import { DiskGuard } from '../../../src/app/monitor/disk-guard.ts'

const newRig = (resume: number | undefined) => {
  const calls: string[] = []
  const log: string[] = []
  const rig = { free: 5e9 as number | undefined, pauseReason: undefined as string | undefined }
  const guard = new DiskGuard({
    least: 2e9,
    resume,
    freeBytes: () => Promise.resolve(rig.free),
    supervisor: {
      get pauseReason() {
        return rig.pauseReason
      },
      pause: (reason) => {
        calls.push('pause')
        rig.pauseReason = reason
      },
      resume: () => {
        calls.push('resume')
        rig.pauseReason = undefined
      },
      stop: () => calls.push('stop'),
    },
    writeLog: ({ message }) => log.push(message),
  })
  return { rig, calls, log, guard }
}

describe('DiskGuard', () => {
  it('ends a recording once, with the reason', async () => {
    const { rig, calls, log, guard } = newRig(undefined)
    await guard.check()
    rig.free = undefined
    await guard.check()
    expect([calls, guard.reason]).toEqual([[], undefined])
    rig.free = 1.5e9
    await guard.check()
    await guard.check()
    expect(calls).toEqual(['stop'])
    expect(guard.reason).toMatch(/^1\.5 GB are free .* less than --min-free 2\.0 GB: recording ended/)
    expect(log).toEqual([guard.reason])
  })

  it('pauses, and goes on when there is room enough, not just a little', async () => {
    const { rig, calls, log, guard } = newRig(4e9)
    for (const free of [1e9, 1e9, 3e9, 3.9e9, 4e9, 3e9, 1e9]) {
      rig.free = free
      await guard.check()
    }
    expect(calls).toEqual(['pause', 'resume', 'pause'])
    expect(log.length).toBe(3)
    expect(guard.reason).toBeUndefined()
  })

  it('goes on after a pause for a disk that was full before it looked, when there is room, and not at once', async () => {
    const { rig, calls, guard } = newRig(4e9)
    await guard.check()
    for (const free of [1e9, 3.9e9]) {
      rig.pauseReason = 'The disk is full.'
      rig.free = free
      for (let looks = 0; looks < 30; looks++) await guard.check()
      expect(calls).toEqual([])
    }
    rig.free = 4e9
    for (let looks = 0; looks < 9; looks++) await guard.check()
    expect(calls).toEqual([])
    await guard.check()
    expect(calls).toEqual(['resume'])
    await guard.check()
    expect(calls).toEqual(['resume'])
  })

  it('goes on when asked, where there is more than the least', async () => {
    const { rig, calls, log, guard } = newRig(4e9)
    await guard.askToResume()
    rig.free = 1e9
    await guard.check()
    await guard.askToResume()
    expect(log.at(-1)).toMatch(/stays paused: 1\.0 GB are free/)
    rig.free = 2.5e9
    await guard.askToResume()
    expect(calls).toEqual(['pause', 'resume'])
  })
})
