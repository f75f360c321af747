/**
 * The heads of the chain where a chunk is made two. Owns what stands there when entries before it in its block are
 * missing, so that nobody can compute them.
 */
import { BLOCK_ENTRIES, Chain, type ChainHeads } from '../../log/chain.ts'
import type { ChunkHeader } from '../../log/chunk.ts'
import { recordsAfter } from '../../log/entry.ts'
import { type EventStore, StoreFailure } from '../../log/event-store.ts'
import { openChunk } from '../../replay/reading/chunk-reader.ts'

/** The records of a chunk in two parts, none of them empty. */
export interface Halves {
  readonly first: Uint8Array
  readonly second: Uint8Array
  /** The last entry of the first. */
  readonly lastSeq: number
}

/** The chain right before a chunk; undefined: entries before it in its block are missing. Throws StoreFailure. */
export const chainBefore = async (store: EventStore, header: ChunkHeader): Promise<Chain | undefined> => {
  const { stream, firstSeq } = header
  const before = firstSeq - 1
  const blockSeq = before - (before % BLOCK_ENTRIES)
  if (before === blockSeq) return new Chain(before, header.chainBefore)
  let chain: Chain | undefined
  let isLost = false
  for (const part of await store.parts(stream, { from: blockSeq + 1, to: before })) {
    if (part.kind === 'chunk') {
      if (isLost) continue
      chain ??= new Chain(blockSeq, part.header.chainBlock)
      chain.add(recordsAfter((await openChunk(store, part.header)).records, blockSeq))
    } else {
      const restart = part.kind === 'hole' && part.tombstone.restartsChain ? part.tombstone : undefined
      isLost = restart === undefined
      chain = restart === undefined ? undefined : new Chain(restart.lastSeq, restart.headAfter)
    }
  }
  if (chain === undefined || chain.head() === header.chainBefore) return chain
  throw brokenAt(header)
}

const brokenAt = ({ stream, firstSeq }: ChunkHeader): StoreFailure =>
  new StoreFailure({
    kind: 'damaged',
    stream,
    seq: firstSeq,
    detail: 'the entries do not give the chain that its header names: "bookreel verify" tells more.',
  })

/** `chain`: right before the chunk, as `chainBefore` gives it; of no use afterwards. Throws StoreFailure. */
export const headsOfHalves = (
  chain: Chain | undefined,
  header: ChunkHeader,
  halves: Halves,
): readonly [ChainHeads, ChainHeads] => {
  const heads = chain === undefined ? behindHole(header, halves) : ([chain.addChunk(halves.first), chain.addChunk(halves.second)] as const) // prettier-ignore
  if (heads[1].chainAfter !== header.chainAfter) throw brokenAt(header)
  return heads
}

const behindHole = (
  header: ChunkHeader,
  { first, second, lastSeq }: Halves,
): readonly [ChainHeads, ChainHeads] => {
  const { firstSeq, chainFirstBlock } = header
  const blockEnd = Math.ceil(firstSeq / BLOCK_ENTRIES) * BLOCK_ENTRIES
  if (chainFirstBlock !== null && lastSeq >= blockEnd) {
    const chain = new Chain(blockEnd, chainFirstBlock)
    const behind = chain.addChunk(recordsAfter(first, blockEnd))
    return [{ ...behind, chainBefore: header.chainBefore, chainFirstBlock }, chain.addChunk(second)]
  }
  // No head of the chain can be computed in this block: what links the two is a hash of the first alone.
  const link = new Chain(firstSeq - 1, header.chainBefore)
  link.add(first)
  const chainAfter = link.head()
  return [
    { chainBefore: header.chainBefore, chainAfter, chainFirstBlock: null, chainBlock: header.chainBefore },
    {
      chainBefore: chainAfter,
      chainAfter: header.chainAfter,
      chainFirstBlock,
      chainBlock: header.chainBlock,
    },
  ]
}
