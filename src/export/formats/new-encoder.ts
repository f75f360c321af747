/** The formats by name: how their files end, and who encodes them. */
import type { FileEncoder, FilePlan } from './format.ts'
import { NpzEncoder } from './npz-encoder.ts'
import { ParquetEncoder } from './parquet-encoder.ts'
import { CsvEncoder, GzipEncoder, JsonLinesEncoder, LOBSTER_FORM, TARDIS_FORM } from './text-encoders.ts'

/**
 * `arrow` is the form for files, `arrow-stream` that for pipes. Behind `jsonl.gz`: what other tools read, each with columns of its own;
 * of names that several formats could have, the first one's.
 */
export const FORMATS = [
  'parquet',
  'arrow',
  'arrow-stream',
  'csv',
  'csv.gz',
  'jsonl',
  'jsonl.gz',
  'npz',
  'tardis',
  'tardis.gz',
  'lobster',
  'lobster.gz',
] as const
export type Format = (typeof FORMATS)[number]

/** How the names of files end. */
export const EXTENSIONS: Readonly<Record<Format, string>> = {
  parquet: '.parquet',
  arrow: '.arrow',
  'arrow-stream': '.arrows',
  csv: '.csv',
  'csv.gz': '.csv.gz',
  jsonl: '.jsonl',
  'jsonl.gz': '.jsonl.gz',
  npz: '.npz',
  tardis: '.csv',
  'tardis.gz': '.csv.gz',
  lobster: '.csv',
  'lobster.gz': '.csv.gz',
}

/** The format of a file by the end of its name; undefined: none. */
export const formatOfPath = (path: string): Format | undefined =>
  FORMATS.find((format) => path.endsWith(EXTENSIONS[format])) ??
  (path.endsWith('.feather') ? 'arrow' : undefined)

/** What takes its time to load is loaded where it is needed. */
const newArrow = async (plan: FilePlan, form: 'file' | 'stream'): Promise<FileEncoder> => {
  const { ArrowEncoder } = await import('./arrow-encoder.ts')
  return new ArrowEncoder(plan, form)
}

const newParquet = async (plan: FilePlan): Promise<FileEncoder> => {
  const { loadCompressor } = await import('../parquet/compressor.ts')
  return new ParquetEncoder(plan, await loadCompressor())
}

/** One encoder a file. */
export const newEncoder = async (format: Format, plan: FilePlan): Promise<FileEncoder> => {
  switch (format) {
    case 'parquet':
      return await newParquet(plan)
    case 'arrow':
      return await newArrow(plan, 'file')
    case 'arrow-stream':
      return await newArrow(plan, 'stream')
    case 'csv':
      return new CsvEncoder(plan)
    case 'csv.gz':
      return new GzipEncoder(new CsvEncoder(plan))
    case 'jsonl':
      return new JsonLinesEncoder(plan)
    case 'jsonl.gz':
      return new GzipEncoder(new JsonLinesEncoder(plan))
    case 'npz':
      return new NpzEncoder()
    case 'tardis':
      return new CsvEncoder(plan, TARDIS_FORM)
    case 'tardis.gz':
      return new GzipEncoder(new CsvEncoder(plan, TARDIS_FORM))
    case 'lobster':
      return new CsvEncoder(plan, LOBSTER_FORM)
    case 'lobster.gz':
      return new GzipEncoder(new CsvEncoder(plan, LOBSTER_FORM))
  }
}
