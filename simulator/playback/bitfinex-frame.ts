/** Cuts Bitfinex's array frames into their parts as text, so that no number is ever written anew. */

export interface CutFrame {
  readonly channelId: number
  /** `hb`, `cs`, `te` ...; undefined for rows. */
  readonly name: string | undefined
  /** What stands between the channel id and the tail: `"te",[...]`, `"cs",123`, `[[...],...]`. */
  readonly body: string
  /** The array or number of the body, without its name. */
  readonly content: string
  /** The numbers behind the body. */
  readonly tail: readonly string[]
}

const HEAD = /^\[(\d+),(?:"([^"\\]*)"(,|\]))?/

/** Undefined when the text is no channel frame. */
export const cutFrame = (text: string): CutFrame | undefined => {
  const head = HEAD.exec(text)
  if (head === null || !text.endsWith(']')) return undefined
  const [all, id = '', name, separator] = head
  const bodyStart = id.length + 2
  const isBare = name === 'hb' || separator === ']'
  const contentStart = isBare ? all.length - 1 : all.length
  const contentEnd = isBare ? contentStart : endOfElement(text, contentStart)
  if (contentEnd === undefined) return undefined
  const rest = text.slice(contentEnd, -1)
  if (rest !== '' && !rest.startsWith(',')) return undefined
  return {
    channelId: Number(id),
    name,
    body: text.slice(bodyStart, contentEnd),
    content: text.slice(contentStart, contentEnd),
    tail: rest === '' ? [] : rest.slice(1).split(','),
  }
}

/** Where the array or number that begins here ends. Strings inside have no brackets that count. */
const endOfElement = (text: string, start: number): number | undefined => {
  let depth = 0
  let isInString = false
  for (let index = start; index < text.length; index++) {
    const character = text[index]
    if (isInString) {
      if (character === '\\') index++
      else if (character === '"') isInString = false
    } else if (character === '"') isInString = true
    else if (character === '[' || character === '{') depth++
    else if (character === ']' || character === '}') {
      if (depth === 0) return index
      depth--
      if (depth === 0) return index + 1
    } else if (character === ',' && depth === 0) return index
  }
  return undefined
}

/** True for an array of rows, and for an empty array: a snapshot. */
export const isRows = (content: string): boolean => content.startsWith('[[') || content === '[]'

/** The texts of the rows of a snapshot, each with its brackets. */
export const rowsOf = (content: string): readonly string[] =>
  content === '[]'
    ? []
    : content
        .slice(2, -2)
        .split('],[')
        .map((row) => `[${row}]`)

/** The texts of the elements of one row. */
export const elementsOf = (row: string): readonly string[] => row.slice(1, -1).split(',')
