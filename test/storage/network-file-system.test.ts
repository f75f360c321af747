import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { describe, expect, it } from 'vitest'

import { mountKindOf, networkFileSystem, networkProblem } from '../../src/storage/network-file-system.ts'

const FUSE = 0x65735546
const MOUNTS = [
  '22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw',
  '30 22 0:40 / /mnt/far rw,nosuid shared:9 - fuse.sshfs host:/srv rw,user_id=0',
  '31 22 0:41 / /mnt/with\\040space rw - fuse.rclone remote: rw',
  '32 30 0:42 / /mnt/far/near rw shared:10 master:2 - ext4 /dev/vdb rw',
  '33 22 0:43 / /mnt/farther rw - fuseblk /dev/sda1 rw',
].join('\n')

describe('a network file system', () => {
  it.each([
    [0x6969, 'NFS'],
    [0x517b, 'SMB'],
    [0xff534d42, 'SMB (CIFS)'],
    [0xfe534d42, 'SMB'],
    [0x01021997, '9p'],
    [0x00c36400, 'Ceph'],
    [0x0bd00bd0, 'Lustre'],
    // The same numbers as a system with 32 bits hands them over.
    [0xff534d42 | 0, 'SMB (CIFS)'],
    [0xfe534d42 | 0, 'SMB'],
  ])('is known by its number %i', (type, name) => {
    expect(networkFileSystem(type, undefined)).toBe(name)
  })

  it.each([
    ['ext4', 0xef53],
    ['xfs', 0x58465342],
    ['btrfs', 0x9123683e],
    ['zfs', 0x2fc12fc1],
    ['tmpfs', 0x01021994],
    ['overlay', 0x794c7630],
    ['f2fs', 0xf2f52010],
    ['bcachefs', 0xca451a4e],
    ['APFS', 0x1a],
    ['an unknown one', 0x12345678],
    ['one that is not told', 0],
  ])('is not %s', (_name, type) => {
    expect(networkFileSystem(type, undefined)).toBeUndefined()
    expect(networkFileSystem(type, 'fuse.sshfs')).toBeUndefined()
  })

  it('is told by its program where one stands behind it', () => {
    for (const program of ['fuse.sshfs', 'fuse.s3fs', 'fuse.rclone', 'fuse.glusterfs', 'fuse.gcsfuse'])
      expect(networkFileSystem(FUSE, program)).toBe(program)
    for (const program of ['fuseblk', 'fuse.fuse-overlayfs', 'fuse.mergerfs', 'virtiofs', 'fuse', undefined])
      expect(networkFileSystem(FUSE, program)).toBeUndefined()
  })

  it('is found by the innermost mount that a path lies on', () => {
    expect(mountKindOf(MOUNTS, '/mnt/far')).toBe('fuse.sshfs')
    expect(mountKindOf(MOUNTS, '/mnt/far/data/store')).toBe('fuse.sshfs')
    expect(mountKindOf(MOUNTS, '/mnt/far/near/store')).toBe('ext4')
    expect(mountKindOf(MOUNTS, '/mnt/farther/x')).toBe('fuseblk')
    expect(mountKindOf(MOUNTS, '/mnt/fa')).toBe('ext4')
    expect(mountKindOf(MOUNTS, '/mnt/with space/store')).toBe('fuse.rclone')
    expect(mountKindOf('', '/mnt')).toBeUndefined()
  })

  it('is not what tests run on, nor a folder that is not there yet', () => {
    const folder = mkdtempSync(join(tmpdir(), 'bookreel-network-'))
    expect(networkProblem(folder)).toBeUndefined()
    expect(networkProblem(join(folder, 'not', 'yet'))).toBeUndefined()
    rmSync(folder, { recursive: true })
  })
})
