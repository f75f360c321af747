/** Run as a process: encodes the records of a file and prints by how many bytes its resident memory rose. */
import { readFileSync } from 'node:fs'

import { coinbaseVenue } from '../../src/venues/coinbase/venue.ts'
import { ChunkCodec } from './chunk-codec.ts'
import { FullFrames } from './full-frames.ts'

const [, , file = ''] = process.argv
const codec = (): ChunkCodec => new ChunkCodec('coinbase:BTC-USD', coinbaseVenue.columnHints)

// Everything is loaded and has run before memory is looked at.
const little = new FullFrames().next(2000)
// The heads stand for any: encoding only writes them down, and the records may come from the middle of a stream.
const heads = codec().follow(little)
codec().encode(little, heads)
const records = new Uint8Array(readFileSync(file))
const before = process.memoryUsage.rss()
codec().encode(records, heads)
process.stdout.write(`${String(process.resourceUsage().maxRSS * 1024 - before)}\n`)
