/** Text that is HTML: everything put into it is escaped unless it is markup itself. */

export class Markup {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

type Piece = string | number | Markup | readonly Markup[] | undefined

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => ESCAPES[character] ?? '')

const textOf = (piece: Piece): string => {
  if (piece === undefined) return ''
  if (piece instanceof Markup) return piece.text
  if (typeof piece === 'object') return piece.map(({ text }) => text).join('')
  return escaped(String(piece))
}

/** A template of HTML. Attributes are in double quotes; no piece may stand in a script, a style or a comment. */
export const markup = (parts: TemplateStringsArray, ...pieces: readonly Piece[]): Markup =>
  new Markup(parts.reduce((text, part, index) => text + textOf(pieces[index - 1]) + part))

/** A value inside a script element of JSON: nothing in it can end the element or begin another one. */
export const jsonText = (value: unknown): Markup =>
  new Markup(
    JSON.stringify(value).replace(/[<>&\u2028\u2029]/g, (character) => {
      const code = character.charCodeAt(0).toString(16).padStart(4, '0')
      return `\\u${code}`
    }),
  )
