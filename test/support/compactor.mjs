// A process that compacts a stream of a store, to ever larger chunks, until it is killed or done; prints a line whenever
// it passed entries. Arguments: folder, stream, built lmdb-store, built compaction.
const [, , folder, stream, storePath, compactionPath] = process.argv
const { openLmdbStore } = await import(storePath)
const { compactStream } = await import(compactionPath)

const opened = await openLmdbStore(folder, { mode: 'write' })()
if (opened._tag === 'Left') throw new Error(JSON.stringify(opened.left))
const store = opened.right
const onEntries = (entries) => process.stdout.write(`${entries}\n`)
for (let entries = 1000; entries <= 64_000; entries *= 2)
  await compactStream(store, stream, { limits: { entries, bytes: 1e9 }, isDryRun: false, onEntries })
await store.close()
