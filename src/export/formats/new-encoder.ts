/** The formats by name: how their files end, and who encodes them. */
import { loadCompressor } from '../parquet/compressor.ts'
import { ArrowEncoder } from './arrow-encoder.ts'
import type { FileEncoder, FilePlan } from './format.ts'
import { ParquetEncoder } from './parquet-encoder.ts'
import { CsvEncoder, GzipEncoder, JsonLinesEncoder } from './text-encoders.ts'

/** `arrow` is the form for files, `arrow-stream` that for pipes. */
export const FORMATS = ['parquet', 'arrow', 'arrow-stream', 'csv', 'csv.gz', 'jsonl', 'jsonl.gz'] as const
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
}

/** The format of a file by the end of its name; undefined: none. */
export const formatOfPath = (path: string): Format | undefined =>
  FORMATS.find((format) => path.endsWith(EXTENSIONS[format])) ??
  (path.endsWith('.feather') ? 'arrow' : undefined)

/** One encoder a file. */
export const newEncoder = async (format: Format, plan: FilePlan): Promise<FileEncoder> => {
  switch (format) {
    case 'parquet':
      return new ParquetEncoder(plan, await loadCompressor())
    case 'arrow':
      return new ArrowEncoder(plan, 'file')
    case 'arrow-stream':
      return new ArrowEncoder(plan, 'stream')
    case 'csv':
      return new CsvEncoder(plan)
    case 'csv.gz':
      return new GzipEncoder(new CsvEncoder(plan))
    case 'jsonl':
      return new JsonLinesEncoder(plan)
    case 'jsonl.gz':
      return new GzipEncoder(new JsonLinesEncoder(plan))
  }
}
