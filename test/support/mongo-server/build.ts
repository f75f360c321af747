/** Builds the MongoDB-wire server of this folder, once: the binary is named after what it is made of. */
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'

const SOURCES = ['main.go', 'front.go', 'go.mod', 'go.sum']
/** Benchmarks run compiled, from a folder of their own. */
const FOLDER = import.meta.dirname.replace(/([\\/])\.bench[\\/]/, '$1')
const CACHE = resolve(FOLDER, '../../../node_modules/.cache/bookreel')
/** A lock this old was left by a process that died. */
const STALE = 10 * 60_000

const versionOfGo = (): string | undefined => {
  const { status, stdout } = spawnSync('go', ['version'], { encoding: 'utf8' })
  return status === 0 ? stdout : undefined
}

const build = async (target: string): Promise<void> => {
  const temporary = `${target}.${String(process.pid)}`
  const words = ['build', '-buildvcs=false', '-tags', 'ferretdb_no_postgresql', '-o', temporary, '.']
  const compiler = spawn('go', words, { cwd: FOLDER, stdio: ['ignore', 'ignore', 'pipe'] })
  let errors = ''
  compiler.stderr.on('data', (bytes: Buffer) => (errors = (errors + bytes.toString()).slice(-4000)))
  const [status] = (await once(compiler, 'close')) as [number | null]
  if (status !== 0) throw new Error(`the MongoDB-wire server could not be built: ${errors}`)
  renameSync(temporary, target)
}

const isStale = (lock: string): boolean => {
  try {
    return Date.now() - statSync(lock).mtimeMs > STALE
  } catch {
    return false
  }
}

/** Path of the server, built where it is not yet; others that want it at the same time wait. Undefined without Go. */
export const builtMongoServer = async (): Promise<string | undefined> => {
  const go = versionOfGo()
  if (go === undefined) return undefined
  const hash = createHash('sha256').update(go)
  for (const name of SOURCES) hash.update(readFileSync(join(FOLDER, name)))
  const target = join(CACHE, `mongo-server-${hash.digest('hex').slice(0, 16)}`)
  const lock = `${target}.lock`
  mkdirSync(CACHE, { recursive: true })
  while (!existsSync(target)) {
    try {
      mkdirSync(lock)
    } catch {
      if (isStale(lock)) rmSync(lock, { recursive: true, force: true })
      await new Promise((done) => setTimeout(done, 200))
      continue
    }
    try {
      if (!existsSync(target)) await build(target)
    } finally {
      rmSync(lock, { recursive: true, force: true })
    }
  }
  return target
}
