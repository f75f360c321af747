/** Opened columns as plain data: what a thread that opened a chunk hands to another, at next to no cost. */
import { IdTable } from '../template/id-table.ts'
import { TemplateScope } from '../template/template-scope.ts'
import { TextTable } from '../template/text-table.ts'
import type { OpenedColumns } from './open-columns.ts'

/** OpenedColumns with the tables of its scope instead of the scope. */
export interface ColumnsMessage extends Omit<OpenedColumns, 'scope'> {
  /** One behind the other, in the order of the templates. */
  readonly skeletons: Uint8Array
  readonly skeletonLengths: readonly number[]
  /** 16 bytes each. */
  readonly ids: Uint8Array<ArrayBuffer>
  readonly texts: Uint8Array<ArrayBuffer>
  readonly textStarts: Int32Array
}

/** Bytes in memory of their own, copied only where they share it. */
export const ownBytes = (bytes: Uint8Array): Uint8Array<ArrayBuffer> =>
  bytes.buffer instanceof ArrayBuffer && bytes.byteLength === bytes.buffer.byteLength
    ? new Uint8Array(bytes.buffer)
    : new Uint8Array(bytes)

/** The message: what stands in the columns' room stays there, all else is copied when it is handed over. */
export const columnsToMessage = ({ scope, ...rest }: OpenedColumns): ColumnsMessage => {
  const { templates, ids, texts } = scope
  const skeletonLengths = templates.map(({ skeleton }) => skeleton.length)
  return {
    ...rest,
    verbatim: ownBytes(rest.verbatim),
    skeletons: scope.skeletons().slice(),
    skeletonLengths,
    ids: ownBytes(ids.bytes()),
    texts: ownBytes(texts.raw),
    textStarts: texts.starts,
  }
}

/** The columns of a message; arrays are taken as they are. */
export const columnsFromMessage = (message: ColumnsMessage): OpenedColumns => {
  const { skeletons, skeletonLengths, ids, texts, textStarts } = message
  const scope = new TemplateScope(new IdTable(ids), new TextTable(texts, textStarts))
  let at = 0
  for (const length of skeletonLengths) {
    scope.templateOf(skeletons.subarray(at, at + length))
    at += length
  }
  const { firstSeq, entries, receiveTimes, kindsAndFlags, connections, templates, rowStarts } = message
  const { values, scales, verbatim, verbatimStarts, room } = message
  // One literal of one shape with those that opening makes: what reads it stays fast only then.
  return { firstSeq, entries, scope, receiveTimes, kindsAndFlags, connections, templates, rowStarts, values, scales, verbatim, verbatimStarts, room } // prettier-ignore
}
