// Replays packed records through built code and prints what came of each, as JSON on one line. Arguments: the built
// folder, then pairs of a venue's name and a file of records.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const [, , built, ...pairs] = process.argv
const load = (path) => import(pathToFileURL(join(built, path)).href)
const { BookKeeper } = await load('src/replay/keeper/book-keeper.js')
const { EventCollector } = await load('src/market/event.js')
const { venueById } = await load('src/venues/registry.js')
const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex')

const outcomes = []
for (let index = 0; index < pairs.length; index += 2) {
  const listener = new EventCollector()
  const keeper = new BookKeeper(venueById(pairs[index]), { listener })
  keeper.applyRecords(readFileSync(pairs[index + 1]))
  outcomes.push({
    events: sha256(JSON.stringify(listener.take())),
    state: sha256(keeper.save()),
    verdict: sha256(JSON.stringify(keeper.takeVerdict())),
    digest: keeper.digest().digest,
  })
}
const zone = Intl.DateTimeFormat().resolvedOptions()
process.stdout.write(JSON.stringify({ zone: zone.timeZone, locale: zone.locale, outcomes }))
