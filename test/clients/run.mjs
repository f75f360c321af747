/** `npm run clients`: installs the clients where they are missing, runs every proof, prints one line of each. */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { areInstalled, isAsExpected, PROOFS, runProof } from './proofs.mjs'

const FOLDER = import.meta.dirname
const { dependencies } = JSON.parse(readFileSync(join(FOLDER, 'package.json'), 'utf8'))

const print = (line) => void process.stdout.write(`${line}\n`)

const install = () => {
  const { status } = spawnSync(
    'npm',
    ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--prefix', FOLDER],
    {
      stdio: ['ignore', process.stderr, process.stderr],
    },
  )
  if (status !== 0) process.exit(status ?? 1)
}

if (!areInstalled()) install()
for (const proof of PROOFS) {
  const result = await runProof(proof)
  const { client, venue, reads, works, reason, defect, updates, checksums, rows } = result
  const verified = checksums === undefined ? '' : `, ${checksums} checksums`
  const about = proof.title === undefined ? '' : ` ${proof.title}`
  const outcome =
    proof.expected === 'notices'
      ? `notices${about}: ${reason ?? 'nothing'}`
      : works
        ? `works: ${rows} rows equal after ${updates} updates${verified}`
        : `differs with${about}: ${defect ?? 'reason unknown'} (${reason})`
  const name = `${client} ${dependencies[client]}`
  print(`${name.padEnd(24)}  ${venue.padEnd(8)}  ${reads.padEnd(23)}  ${outcome}`)
  if (!isAsExpected(proof, result)) {
    print(`${''.padEnd(24)}  NOT as expected: ${proof.expected}${about}`)
    process.exitCode = 1
  }
}
