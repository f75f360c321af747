import { venues } from '../../src/venues/registry.ts'
import { viewSources } from '../support/view-sources.ts'
import { rowPathContract } from './row-path.contract.ts'

for (const venue of venues) for (const [name, source] of viewSources) rowPathContract(venue, name, source)
