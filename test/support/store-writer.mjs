// A process that writes into a store or a journal until it is killed; prints the last entry acknowledged, line by line.
// Kind `holes` also takes every second chunk out again, in turns deleted and put aside.
// Arguments: kind (store | holes | journal), folder, stream, built lmdb-store or file-journal, built test helper (chunks).
const [, , kind, folder, stream, modulePath, encoderPath, chainPath, entryPath] = process.argv
const { EntryWriter } = await import(entryPath)

const recordsOf = (from, to) => {
  const writer = new EntryWriter()
  for (let seq = from; seq <= to; seq++)
    writer.append(
      'frame',
      seq,
      1_700_000_000_000_000 + seq,
      1,
      Buffer.from(`{"sequence":${seq}}`.padEnd(200, ' ')),
    )
  return writer.take()
}
const told = (seq) => new Promise((resolve) => process.stdout.write(`${seq}\n`, resolve))
const opened = (result) => {
  if (result._tag === 'Right') return result.right
  process.stderr.write(result.left.message)
  process.exit(1)
}

if (kind !== 'journal') {
  const { openLmdbStore } = await import(modulePath)
  const { encodeChunk } = await import(encoderPath)
  const { Chain } = await import(chainPath)
  const store = opened(await openLmdbStore(folder, { mode: 'write', create: true })())
  const book = { valid: false, reason: null, verified: false, digest: '0'.repeat(64), digestSeq: 0 }
  const verdict = {
    decoderVersion: 1,
    events: 0,
    trades: 0,
    runs: 0,
    gaps: [],
    disconnects: [],
    checksums: { right: 0, wrong: 0 },
    undecoded: { frames: 0, kinds: {} },
    spanMicros: 0,
    validMicros: 0,
    verifiedMicros: 0,
    validSpans: { listed: [], further: 0 },
    verifiedSpans: { listed: [], further: 0 },
    exchangeTimes: null,
    venueSequences: null,
    book,
  }
  const chain = new Chain()
  for (let from = 1; ; from += 500) {
    const records = recordsOf(from, from + 499)
    const heads = chain.addChunk(records)
    const chunk = encodeChunk({ stream, records, ...heads, verdict })
    opened(await store.append(chunk)())
    if (kind === 'holes' && from % 1000 !== 1) {
      const isDeleted = from % 2000 === 501
      const { firstSeq, lastSeq, firstReceiveTime, lastReceiveTime, chainBefore, chainAfter } = chunk.header
      const tombstone = {
        kind: isDeleted ? 'deleted' : 'damaged',
        stream,
        firstSeq,
        lastSeq,
        firstReceiveTime,
        lastReceiveTime,
        headBefore: chainBefore,
        headAfter: chainAfter,
        restartsChain: false,
        reason: 'A test.',
      }
      opened(await (isDeleted ? store.bury(tombstone) : store.quarantine(stream, [firstSeq], tombstone))())
    }
    await told(from + 499)
  }
}
const { openFileJournal } = await import(modulePath)
const journal = opened(await openFileJournal(folder, stream)())
for (let from = journal.lastSeq() + 1; ; from += 20) {
  journal.append(recordsOf(from, from + 19), from, from + 19)
  await journal.written()
  await told(from + 19)
}
