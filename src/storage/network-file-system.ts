/**
 * Tells folders on a network. What is mapped into memory there, and locks taken there, are not the same for two machines:
 * an embedded store or a journal would be torn without a word.
 */
import { existsSync, readFileSync, realpathSync, statfsSync } from 'node:fs'
import { dirname, resolve } from 'node:path'

import type { StoreError } from '../log/event-store.ts'

/** The numbers by which Linux tells them (statfs(2)). */
const NETWORK_TYPES: ReadonlyMap<number, string> = new Map([
  [0x6969, 'NFS'],
  [0x517b, 'SMB'],
  [0xff534d42, 'SMB (CIFS)'],
  [0xfe534d42, 'SMB'],
  [0x01021997, '9p'],
  [0x00c36400, 'Ceph'],
  [0x0bd00bd0, 'Lustre'],
  [0x19830326, 'BeeGFS'],
  [0x47504653, 'GPFS'],
  [0x20030528, 'OrangeFS'],
  [0xaad7aaea, 'PanFS'],
  [0x01161970, 'GFS2'],
  [0x7461636f, 'OCFS2'],
  [0x5346414f, 'AFS'],
  [0x6b414653, 'AFS'],
  [0x73757245, 'Coda'],
  [0x564c, 'NCP'],
  [0x786f4256, 'a VirtualBox shared folder'],
  [0xbacbacbc, 'a VMware shared folder'],
  [0x7c7c6673, 'a Parallels shared folder'],
])

/** Behind it stands a program: what it shows may be local or not, its name tells. */
const FUSE = 0x65735546

/** Of programs that show what lies on other machines, as the mount table has them: `fuse.sshfs`. */
const NETWORK_PROGRAMS =
  /^fuse\.(sshfs|s3fs|s3ql|gcsfuse|goofys|mount-s3|rclone|glusterfs|ceph(-fuse)?|juicefs|seaweedfs|davfs2?|curlftpfs|smbnetfs|lizardfs|moosefs|mfs|cvmfs2?|blobfuse2?|adlfs|afpfs|onedriver)$/

/** What it is called; undefined: it is local, or unknown. `program`: the kind by which the mount table calls it. */
export const networkFileSystem = (type: number, program: string | undefined): string | undefined => {
  // Some systems hand the number over with a sign.
  const unsigned = type >>> 0
  if (unsigned === FUSE) return program !== undefined && NETWORK_PROGRAMS.test(program) ? program : undefined
  return NETWORK_TYPES.get(unsigned)
}

/** The mount table has spaces and the like as octal numbers. */
const plainText = (text: string): string =>
  text.replace(/\\([0-7]{3})/g, (_whole, digits: string) => String.fromCharCode(parseInt(digits, 8)))

/** The kind of the mount that a path lies on, as /proc/self/mountinfo tells it; undefined: it does not. */
export const mountKindOf = (mounts: string, path: string): string | undefined => {
  let longest = -1
  let kind: string | undefined
  for (const line of mounts.split('\n')) {
    const fields = line.split(' ')
    const point = plainText(fields[4] ?? '')
    const isAbove = path === point || path.startsWith(point.endsWith('/') ? point : `${point}/`)
    if (point === '' || !isAbove || point.length < longest) continue
    longest = point.length
    kind = fields[fields.indexOf('-') + 1]
  }
  return kind
}

const mountTable = (): string => {
  try {
    return readFileSync('/proc/self/mountinfo', 'utf8')
  } catch {
    return ''
  }
}

/** The folder, or the first above it that is there. */
const existingAt = (folder: string): string => {
  const absolute = resolve(folder)
  return existsSync(absolute) || dirname(absolute) === absolute ? absolute : existingAt(dirname(absolute))
}

/** Undefined: the folder, which need not be there yet, is not on a network as far as the system tells. */
export const networkProblem = (folder: string): StoreError | undefined => {
  let name: string | undefined
  try {
    const path = realpathSync(existingAt(folder))
    const { type } = statfsSync(path)
    name = networkFileSystem(type, type >>> 0 === FUSE ? mountKindOf(mountTable(), path) : undefined)
  } catch {
    return undefined
  }
  if (name === undefined) return undefined
  const message = `The folder ${folder} is on a network file system (${name}), where locks and memory maps are not safe: name a folder on a local disk; what several machines share belongs into MongoDB (mongodb://HOST/DATABASE).`
  return { kind: 'unavailable', message }
}
