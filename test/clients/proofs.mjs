/** The proofs there are, what comes of each, and how to run one. */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'

const FOLDER = import.meta.dirname
const faults = (file) => ['--faults', join(FOLDER, file)]

/** A feed without what coinbase-pro does not know: amendments, heartbeats that lead, REST books of another moment. */
const PLAIN = ['--no-amend', '--no-quirks']

/**
 * `expected`: it `works`, it `notices` what was made to go wrong (`reason`: what it says then), or it has a `defect` of its
 * own (`defect`: what the script must find it to be).
 */
export const PROOFS = [
  { script: 'ccxt-bitfinex.mjs', options: ['P0'], expected: 'works' },
  { script: 'ccxt-bitfinex.mjs', options: ['R0'], expected: 'works' },
  { script: 'ccxt-coinbase.mjs', options: [], expected: 'works' },
  { script: 'bitfinex-api-node.mjs', options: [], expected: 'works' },
  { script: 'coinbase-pro.mjs', options: PLAIN, expected: 'works' },
  {
    ...{
      script: 'ccxt-bitfinex.mjs',
      options: ['P0', ...faults('wrong-checksum.jsonl')],
      expected: 'notices',
    },
    ...{ title: 'a wrong checksum', reason: 'ChecksumError' },
  },
  {
    ...{ script: 'bitfinex-api-node.mjs', options: faults('wrong-checksum.jsonl'), expected: 'notices' },
    ...{ title: 'a wrong checksum', reason: 'OB checksum mismatch' },
  },
  {
    ...{ script: 'bitfinex-api-node.mjs', options: faults('lost-book-frame.jsonl'), expected: 'notices' },
    ...{ title: 'a lost frame', reason: 'invalid pub seq' },
  },
  {
    ...{ script: 'coinbase-pro.mjs', options: ['--no-quirks'], expected: 'defect' },
    ...{ title: 'amendments', defect: 'it passes over a change with new_price' },
  },
  {
    ...{
      script: 'coinbase-pro.mjs',
      options: [...PLAIN, ...faults('lost-full-frame.jsonl')],
      expected: 'defect',
    },
    ...{ title: 'a lost frame', defect: 'it adds the orders of a second snapshot' },
  },
]

/** Whether the clients are installed here. */
export const areInstalled = () => existsSync(join(FOLDER, 'node_modules', 'ccxt'))

/** Whether the result of a proof is the expected one. */
export const isAsExpected = ({ expected, reason = '', defect = '' }, result) => {
  if (expected === 'works') return result.works
  if (expected === 'notices') return result.reason?.includes(reason) === true
  return !result.works && result.defect?.includes(defect) === true
}

/** Runs one in a process of its own; resolves with its result. Rejects when it ends without one. */
export const runProof = ({ script, options }) =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(FOLDER, script), ...options], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let output = ''
    child.stdout.setEncoding('utf8').on('data', (text) => (output += text))
    child.once('error', reject)
    child.once('close', (code) => {
      const line = output.trim().split('\n').at(-1)
      if (line === '') reject(new Error(`${script} ended with code ${code} and no result`))
      else resolve(JSON.parse(line))
    })
  })
