/** Where the running recorders of this user can be asked: one socket file for each, in a folder nobody else can enter. */
import { lstatSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'

import type { RecorderReport } from './recorder-report.ts'

const ANSWER_LIMIT = 5000

const folder = (): string => {
  const own = process.env['XDG_RUNTIME_DIR']
  return own === undefined || own === ''
    ? join(tmpdir(), `bookreel-${String(userInfo().uid)}`)
    : join(own, 'bookreel')
}

/** Whoever else made it first could answer in a recorder's place. Throws the system's error where there is none. */
const isOwn = (path: string): boolean => {
  const made = lstatSync(path)
  return made.isDirectory() && made.uid === userInfo().uid
}

/** The socket of this process; its folder is made. Throws the system's error, or that the folder is another user's. */
export const ownSocketPath = (): string => {
  mkdirSync(folder(), { recursive: true, mode: 0o700 })
  if (!isOwn(folder())) throw new Error(`${folder()} belongs to another user: set XDG_RUNTIME_DIR`)
  const path = join(folder(), `${String(process.pid)}.sock`)
  // Of a process that had this number before.
  rmSync(path, { force: true })
  return path
}

type Asked = RecorderReport | 'nobody' | 'silent'

const ask = (path: string): Promise<Asked> =>
  new Promise((resolve) => {
    const asking = request({ socketPath: path, path: '/status', timeout: ANSWER_LIMIT }, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (part: string) => (text += part))
      response.on('end', () => {
        try {
          resolve(JSON.parse(text) as RecorderReport)
        } catch {
          resolve('silent')
        }
      })
    })
    asking.on('timeout', () => asking.destroy())
    asking.on('error', (error: NodeJS.ErrnoException) => {
      resolve(error.code === 'ECONNREFUSED' || error.code === 'ENOENT' ? 'nobody' : 'silent')
    })
    asking.end()
  })

/** Asks the recorder with this process number to end because process `by` takes over. False: it does not do that. */
export const askToHandOver = (recorder: number, by: number): Promise<boolean> =>
  new Promise((resolve) => {
    const path = `/hand-over?by=${String(by)}`
    const socketPath = join(folder(), `${String(recorder)}.sock`)
    const asking = request({ socketPath, path, method: 'POST', timeout: ANSWER_LIMIT }, (response) => {
      response.resume()
      resolve(response.statusCode === 202)
    })
    asking.on('timeout', () => asking.destroy())
    asking.on('error', () => {
      resolve(false)
    })
    asking.end()
  })

const socketFiles = (): readonly string[] => {
  try {
    return isOwn(folder()) ? readdirSync(folder()).filter((name) => name.endsWith('.sock')) : []
  } catch {
    return []
  }
}

export interface RunningRecorders {
  readonly reports: readonly RecorderReport[]
  /** Numbers of processes that are there and do not answer. */
  readonly silent: readonly string[]
}

/** Asks every recorder of this user; removes what dead ones left behind. */
export const askRecorders = async (): Promise<RunningRecorders> => {
  const reports: RecorderReport[] = []
  const silent: string[] = []
  for (const name of [...socketFiles()].sort()) {
    const path = join(folder(), name)
    const answer = await ask(path)
    if (answer === 'silent') silent.push(name.replace(/\.sock$/, ''))
    else if (answer === 'nobody') rmSync(path, { force: true })
    else reports.push(answer)
  }
  return { reports, silent }
}
