/** What a machine can do to a recorder, one case each. Mounting a small disk and changing owners take root. */
import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import { isLeft } from 'fp-ts/lib/Either.js'

import type { LinksOptions } from '../../simulator/faults/links.ts'
import { openStore } from '../../src/app/production.ts'
import { EntryCursor } from '../../src/log/entry.ts'
import { readChunks } from '../../src/replay/reading/chunk-reader.ts'
import { isRunning } from '../support/recorder-process.ts'
import { booksRefused, socketsEnd } from './hostile-faults.ts'
import { newHostileHost } from './hostile-host.ts'
import { fillDisk, HostileRun, type HostileWish, system } from './hostile-run.ts'
import { filesOf, isSound, STREAMS } from './recorded-venues.ts'
import type { RoundFindings } from './round-results.ts'

const DISK_BYTES = 80_000_000
/** A user who may do nothing. */
const NOBODY = 65_534
const HOUR = 3_600_000

/** The store on a small disk of its own. */
const onSmallDisk = async (
  wish: HostileWish,
  options: string,
  attempt: (run: HostileRun, disk: string) => Promise<void>,
): Promise<RoundFindings> => {
  const run = await HostileRun.open(wish)
  const disk = join(wish.folder, 'store')
  system('mount', '-t', 'tmpfs', '-o', `size=${String(DISK_BYTES)}${options}`, 'tmpfs', disk)
  try {
    await attempt(run, disk)
    return await run.audit()
  } finally {
    await run.simulation.stop()
    system('umount', '--lazy', disk)
  }
}

const onThisDisk = async (
  wish: HostileWish,
  attempt: (run: HostileRun) => Promise<void>,
  links?: LinksOptions,
): Promise<RoundFindings> => {
  const run = await HostileRun.open(wish, links)
  try {
    await attempt(run)
    return await run.audit()
  } finally {
    await run.simulation.stop()
  }
}

/** Goes on where the one before had to end, and compares. */
const goOn = async (run: HostileRun, ...how: Parameters<HostileRun['start']>): Promise<void> => {
  const recorder = run.start(...how)
  await run.untilSound(recorder)
  await run.standStill(recorder)
  await run.stop(recorder)
}

/** The entries of a kind in a stream. */
const textsOf = async (
  folder: string,
  stream: (typeof STREAMS)[number],
  kind: string,
): Promise<readonly string[]> => {
  const opened = await openStore(filesOf(folder).store, 'read')()
  if (isLeft(opened)) throw new Error(JSON.stringify(opened.left))
  const texts: string[] = []
  for await (const { records } of readChunks(opened.right, stream)) {
    const cursor = new EntryCursor(records)
    while (cursor.next()) if (cursor.kind === kind) texts.push(cursor.text())
  }
  await opened.right.close()
  return texts
}

const diskFull = async (wish: HostileWish): Promise<RoundFindings> =>
  await onSmallDisk(wish, '', async (run, disk) => {
    const recorder = run.start()
    await run.untilSound(recorder)
    await run.standStill(recorder)
    const empty = fillDisk(disk, 0)
    await run.checkEnd(recorder, 4, /The disk under .* is full/)
    await run.checkEnd(run.start(), 4, /The disk under .* is full/)
    empty()
    await run.witness()
    await goOn(run)
  })

/** It fills faster than anybody looks. */
const fullWithResume = async (wish: HostileWish): Promise<RoundFindings> =>
  await onSmallDisk(wish, '', async (run, disk) => {
    const recorder = run.start(['--min-free', '5MB', '--resume-at', '20MB'])
    await run.untilSound(recorder)
    await run.standStill(recorder)
    const empty = fillDisk(disk, 0)
    await run.untilTold(recorder, () => recorder.stderr.includes('ecording is paused'), 'a pause')
    await run.witness()
    empty()
    const isSecondRun = (): boolean => recorder.status.every(({ lastSeq, entries }) => lastSeq > entries)
    await run.untilTold(recorder, () => isSecondRun() && isSound(recorder.status), 'that it goes on')
    await run.standStill(recorder)
    await run.stop(recorder)
  })

const belowMinFree = async (wish: HostileWish): Promise<RoundFindings> =>
  await onSmallDisk(wish, '', async (run, disk) => {
    const recorder = run.start(['--min-free', '60MB'])
    await run.untilSound(recorder)
    await run.standStill(recorder)
    const empty = fillDisk(disk, 50_000_000)
    await run.checkEnd(
      recorder,
      4,
      /less than --min-free 60 MB: recording ended, everything received is kept/,
    )
    empty()
    for (const stream of STREAMS) {
      const ends = await textsOf(run.folder, stream, 'run-ended')
      run.check(ends.join() === '{"cause":"stopped"}', `${stream} did not end cleanly: ${ends.join()}`)
    }
    await goOn(run)
  })

const readOnly = async (wish: HostileWish): Promise<RoundFindings> =>
  await onSmallDisk(wish, '', async (run, disk) => {
    await goOn(run)
    system('mount', '-o', 'remount,ro', disk)
    await run.checkEnd(run.start(), 1, /There is no permission to use/)
    system('mount', '-o', 'remount,rw', disk)
    await goOn(run)
  })

const lostPermission = async (wish: HostileWish): Promise<RoundFindings> =>
  await onThisDisk(wish, async (run) => {
    chmodSync(run.folder, 0o755)
    system('chown', '-R', String(NOBODY), run.folder)
    const recorder = run.start([], { uid: NOBODY })
    await run.untilSound(recorder)
    await run.standStill(recorder)
    system('chown', '-R', 'root', run.folder)
    system('chmod', '-R', 'go-rwx', run.folder)
    const before = recorder.status[0]?.lastSeq ?? 0
    await run.untilTold(
      recorder,
      () => (recorder.status[0]?.lastSeq ?? 0) > before + 200,
      'entries as before',
    )
    recorder.kill('SIGINT')
    const { code } = await recorder.ended
    run.check([1, 130].includes(code ?? 0), `the recorder ended with exit code ${String(code)}`)
    await run.witness()
    await run.checkEnd(run.start([], { uid: NOBODY }), 1, /permission/)
    system('chmod', '-R', 'go+rX', run.folder)
    system('chown', '-R', String(NOBODY), run.folder)
    await goOn(run, [], { uid: NOBODY })
  })

const clockBack = async (wish: HostileWish): Promise<RoundFindings> =>
  await onThisDisk(wish, async (run) => {
    const host = newHostileHost(run.folder)
    const recorder = run.start([], host)
    await run.untilSound(recorder)
    host.moveClock(-HOUR)
    await sleep(3000)
    await run.standStill(recorder)
    const statuses = recorder.status
    run.check(
      statuses.every(({ valid, disconnects, gaps }) => valid && disconnects === 0 && gaps === 0),
      `the books suffered: ${JSON.stringify(statuses)}`,
    )
    await run.stop(recorder)
    for (const stream of STREAMS) {
      const offsets = (await textsOf(run.folder, stream, 'clock')).map(
        (text) => (JSON.parse(text) as { readonly offset: number }).offset,
      )
      run.check(
        offsets.some((offset) => Math.abs(offset + HOUR * 1000) < 1e6),
        `${stream} does not tell of the step: ${offsets.join()}`,
      )
    }
  })

const namesGone = async (wish: HostileWish): Promise<RoundFindings> => {
  return await onThisDisk(
    wish,
    async (run) => {
      const host = newHostileHost(run.folder)
      const named = Object.entries(run.simulation.endpoints).flatMap(([venue, { ws, rest }]) => [
        ...['--endpoint', `${venue}.ws=${ws.replace('127.0.0.1', 'venue.test')}`],
        ...['--endpoint', `${venue}.rest=${rest.replace('127.0.0.1', 'venue.test')}`],
      ])
      const recorder = run.start(named, host)
      await run.untilSound(recorder)
      host.takeNames(true)
      const tellsOf = (venue: string): boolean =>
        new RegExp(`${venue}.*venue\\.test.*ENOTFOUND`, 's').test(recorder.stderr)
      const isCut = (): boolean =>
        recorder.status.every(({ valid, disconnects }) => !valid && disconnects > 0)
      await run.untilTold(
        recorder,
        () => isCut() && tellsOf('Coinbase') && tellsOf('Bitfinex'),
        'why nobody is reached',
      )
      host.takeNames(false)
      await run.untilSound(recorder)
      await run.standStill(recorder)
      await run.stop(recorder)
    },
    socketsEnd(wish.seed),
  )
}

const restDown = async (wish: HostileWish): Promise<RoundFindings> => {
  const { links, status, refusals } = booksRefused(wish.seed)
  return await onThisDisk(
    wish,
    async (run) => {
      run.hasGaps = true
      const recorder = run.start()
      await run.untilSound(recorder)
      const ofCoinbase = () => recorder.status.find(({ stream }) => stream.startsWith('coinbase'))
      await run.untilTold(recorder, () => ofCoinbase()?.valid === false, 'a book that is not valid')
      const before = ofCoinbase()?.lastSeq ?? 0
      await run.untilTold(recorder, () => (ofCoinbase()?.lastSeq ?? 0) > before + 100, 'entries all the same')
      run.check(ofCoinbase()?.disconnects === 0, 'the socket was given up')
      await run.untilTold(
        recorder,
        () => run.simulation.links.faults()['http-error'] === refusals,
        'as many refusals as there are',
      )
      await run.untilSound(recorder)
      const isTold = new RegExp(`Coinbase.*${String(status)}`).test(recorder.stderr)
      run.check(isTold, 'the refusal is not told')
      await run.standStill(recorder)
      await run.stop(recorder)
    },
    links,
  )
}

const hungProcess = async (wish: HostileWish): Promise<RoundFindings> =>
  await onThisDisk(wish, async (run) => {
    const recorder = run.start()
    await run.untilSound(recorder)
    await run.standStill(recorder)
    const hung = recorder.children()
    for (const child of hung) process.kill(child, 'SIGSTOP')
    await run.untilTold(recorder, () => !hung.some(isRunning), 'the end of a process that hangs')
    await run.witness()
    await run.untilNewSound(recorder)
    run.check(/has said nothing for 20 s and is killed/.test(recorder.stderr), 'the reason is not told')
    await run.standStill(recorder)
    await run.stop(recorder)
  })

export const HOSTILE_CASES: Readonly<Record<string, (wish: HostileWish) => Promise<RoundFindings>>> = {
  'disk full in the middle of a write': diskFull,
  'disk full, with --resume-at': fullWithResume,
  'disk below --min-free': belowMinFree,
  'read-only directory': readOnly,
  'permission lost while recording': lostPermission,
  'wall clock back by an hour': clockBack,
  'names not resolved any more': namesGone,
  'REST down while the socket lives': restDown,
  'process hangs': hungProcess,
}
