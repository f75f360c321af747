/** `bookreel check-config`: says what is wrong with a `--config` file, or what would be recorded with it. */
import { isLeft } from 'fp-ts/lib/Either.js'
import type { CommandModule } from 'yargs'

import { shownStore } from '../../app/production.ts'
import { parseRecordConfig, recordConfigSchema } from '../../app/recording/record-config.ts'
import { checkIsKept } from '../archive.ts'
import { print, printJson, table } from '../printing/output.ts'
import { EXIT, Problem, usageProblem } from '../problem.ts'
import { configText, type RecordWish, recordWish, settingText } from '../recording/record-wish.ts'

interface CheckArguments {
  readonly file: string | undefined
  readonly json: boolean
  readonly schema: boolean
}

interface Found {
  readonly problems: readonly { readonly path: string; readonly problem: string }[]
  readonly wish?: RecordWish
}

/** Every problem of the file's form; where it has none, the first one of what it asks for. */
const check = (file: string): Found => {
  const text = configText(file)
  const parsed = parseRecordConfig(text)
  if (isLeft(parsed)) return { problems: parsed.left }
  try {
    const wish = recordWish({ config: file }, text)
    checkIsKept(wish.store)
    return { problems: [], wish }
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    return { problems: [{ path: '', problem: error.message }] }
  }
}

const rowsOf = ({ plan }: RecordWish): string[][] =>
  plan.pairs.flatMap(({ streams }) =>
    streams.map(({ stream, symbol, feed, endpoints }) => [stream, symbol, feed, endpoints.ws]),
  )

const tell = (file: string, wish: RecordWish): void => {
  print(table([['stream', 'symbol', 'feed', 'from'], ...rowsOf(wish)]))
  for (const notice of wish.plan.notices) print(notice)
  print(`${file} is right: "bookreel record --config ${file}" records this into ${shownStore(wish.store)}.`)
}

const checkConfig = ({ file, json, schema }: CheckArguments): void => {
  if (schema) {
    print(JSON.stringify(recordConfigSchema, undefined, 2))
    return
  }
  if (file === undefined) throw usageProblem('Say which file to check, as in "bookreel check-config FILE".')
  const { problems, wish } = check(file)
  if (json) {
    const streams = wish?.plan.pairs.flatMap((pair) => pair.streams) ?? []
    printJson({ ok: wish !== undefined, problems, streams, notices: wish?.plan.notices ?? [] })
  }
  if (wish === undefined) {
    if (!json)
      for (const problem of problems)
        process.stderr.write(`${file}: ${problem.path === '' ? problem.problem : settingText(problem)}\n`)
    process.exitCode = EXIT.usage
  } else if (!json) tell(file, wish)
}

export const checkConfigCommand: CommandModule<unknown, CheckArguments> = {
  command: 'check-config [file]',
  describe: 'Check a file for record --config, and show what it would record',
  builder: (command) =>
    command
      .positional('file', { type: 'string', describe: 'The file' })
      .option('schema', { type: 'boolean', default: false, describe: 'Print the JSON Schema of such files' })
      .option('json', { type: 'boolean', default: false, describe: 'Print results as JSON, for machines' })
      .example('$0 check-config recorder.json', 'every problem with its place, or what would be recorded'),
  handler: checkConfig,
}
