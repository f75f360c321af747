/** An LMDB store whose bytes are changed behind its back, as a failing disk does. */
import { join } from 'node:path'

import { open } from 'lmdb'

import type { Seq } from '../../src/log/entry.ts'
import type { StreamId } from '../../src/market/instrument.ts'

type TableName = 'headers' | 'payloads' | 'keyframe-refs' | 'keyframes'

/** Puts other bytes in the place of a stored value; `undefined` removes it. The store must not be open here. */
export const spoil = async (
  folder: string,
  name: TableName,
  [stream, seq]: readonly [StreamId, Seq],
  change: (bytes: Uint8Array) => Uint8Array | undefined,
): Promise<void> => {
  const root = open<Uint8Array, [StreamId, Seq]>(join(folder, 'store.mdb'), {
    noSubdir: true,
    mapSize: 2 ** 40,
  })
  const table = root.openDB<Uint8Array, [StreamId, Seq]>({ name, encoding: 'binary' })
  const stored = table.getBinary([stream, seq])
  if (stored === undefined) throw new Error(`${name} has nothing at entry ${String(seq)}`)
  const changed = change(Uint8Array.from(stored))
  if (changed === undefined) table.removeSync([stream, seq])
  else table.putSync([stream, seq], changed)
  await root.close()
}

/** Flips one bit. */
export const flipAt =
  (at: number, bit = 0) =>
  (bytes: Uint8Array): Uint8Array => {
    const place = at % bytes.length
    bytes[place] = (bytes[place] ?? 0) ^ (1 << bit)
    return bytes
  }
