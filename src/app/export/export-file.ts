/** A file that takes its name only when it is complete, or stdout. Owns what is said where that fails. */
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createReadStream, rmSync, statSync } from 'node:fs'
import { type FileHandle, mkdir, open, rename } from 'node:fs/promises'
import path from 'node:path'

import { ExportProblem } from '../../export/export-problem.ts'

/** What a file came to. */
export interface WrittenFile {
  readonly bytes: number
  /** SHA-256 of its bytes, hex. */
  readonly sha256: string
}

export interface ExportFile {
  readonly write: (bytes: Uint8Array) => Promise<void>
  /** Takes the place of as many bytes at the beginning; for files alone. */
  readonly writeHead: (bytes: Uint8Array) => Promise<void>
  /** Completes it: the file appears under its name now. */
  readonly finish: () => Promise<WrittenFile>
  /** Leaves nothing behind. */
  readonly abandon: () => Promise<void>
}

const SENTENCES: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  ENOENT: 'no folder can be made there',
  EACCES: 'there is no permission to write there',
  EPERM: 'there is no permission to write there',
  EROFS: 'the file system is read-only',
  ENOTDIR: 'a part of the path is a file',
  EISDIR: 'it is a folder',
  EFBIG: 'the file would be larger than is allowed',
}

const codeOf = (error: unknown): unknown =>
  error instanceof Error && 'code' in error ? error.code : undefined

const reasonOf = (error: unknown): string => {
  return SENTENCES[String(codeOf(error))] ?? (error instanceof Error ? error.message : String(error))
}

/** Runs a step of writing `name`; what goes wrong becomes one sentence. */
export const attempt = async <A>(name: string, step: () => Promise<A>): Promise<A> => {
  try {
    return await step()
  } catch (error) {
    throw error instanceof ExportProblem
      ? error
      : new ExportProblem(`Cannot write ${name}: ${reasonOf(error)}.`)
  }
}

/** Whether something stands at a path, and what. */
export const standingAt = (name: string): 'nothing' | 'file' | 'folder' | 'device' => {
  const found = statSync(name, { throwIfNoEntry: false })
  if (found === undefined) return 'nothing'
  return found.isFile() ? 'file' : found.isDirectory() ? 'folder' : 'device'
}

class NamedFile implements ExportFile {
  private readonly name: string
  private readonly partial: string
  private readonly handle: FileHandle
  private readonly hash = createHash('sha256')
  private bytes = 0
  private isHeadOther = false
  private readonly removePartial = (): void => {
    if (this.partial !== this.name) rmSync(this.partial, { force: true })
  }

  constructor(name: string, partial: string, handle: FileHandle) {
    this.name = name
    this.partial = partial
    this.handle = handle
    // A signal ends the process here or there: nothing half written stays.
    process.once('exit', this.removePartial)
  }

  async write(bytes: Uint8Array): Promise<void> {
    this.hash.update(bytes)
    this.bytes += bytes.length
    await attempt(this.name, async () => {
      await this.handle.appendFile(bytes)
    })
  }

  async writeHead(bytes: Uint8Array): Promise<void> {
    this.isHeadOther = true
    await attempt(this.name, async () => {
      await this.handle.write(bytes, 0, bytes.length, 0)
    })
  }

  private async digest(): Promise<string> {
    const { hash } = this
    if (!this.isHeadOther) return hash.digest('hex')
    const again = createHash('sha256')
    for await (const piece of createReadStream(this.partial)) again.update(piece as Buffer)
    return again.digest('hex')
  }

  async finish(): Promise<WrittenFile> {
    const sha256 = await attempt(this.name, async () => await this.digest())
    await attempt(this.name, async () => {
      if (this.partial !== this.name) await this.handle.sync()
      await this.handle.close()
      if (this.partial !== this.name) await rename(this.partial, this.name)
    })
    process.off('exit', this.removePartial)
    return { bytes: this.bytes, sha256 }
  }

  async abandon(): Promise<void> {
    await this.handle.close().catch(() => undefined)
    this.removePartial()
    process.off('exit', this.removePartial)
  }
}

/** Node's own recursive way never ends where a folder that exists takes no others, as /proc. */
const makeFolders = async (name: string): Promise<void> => {
  try {
    await mkdir(name)
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return
    if (codeOf(error) !== 'ENOENT' || path.dirname(name) === name) throw error
    await makeFolders(path.dirname(name))
    await mkdir(name).catch((again: unknown) => {
      if (codeOf(again) !== 'EEXIST') throw again
    })
  }
}

/** Makes its folders. A name that is hidden until it is complete is no part of a data set, whoever reads that. */
export const createFile = async (name: string): Promise<ExportFile> =>
  await attempt(name, async () => {
    await makeFolders(path.dirname(path.resolve(name)))
    const isDevice = standingAt(name) === 'device'
    const partial = isDevice ? name : path.join(path.dirname(name), `.${path.basename(name)}.partial`)
    return new NamedFile(name, partial, await open(partial, 'w'))
  })

/** Bytes to whoever reads stdout, at their speed. */
export const toStdout = (): ExportFile => {
  const hash = createHash('sha256')
  let count = 0
  return {
    write: async (bytes) => {
      hash.update(bytes)
      count += bytes.length
      if (!process.stdout.write(bytes)) await once(process.stdout, 'drain')
    },
    writeHead: () => Promise.reject(new ExportProblem('What was written to stdout stays.')),
    finish: () => Promise.resolve({ bytes: count, sha256: hash.digest('hex') }),
    abandon: () => Promise.resolve(),
  }
}
