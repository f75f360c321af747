/** Ways to spoil a frame's text, from a changed character to numbers as no venue should write them. */
import fc from 'fast-check'

/** Numbers that JavaScript would print differently, that no double holds, or that are none. */
export const ODD_NUMBERS = [
  ...[
    '1.0',
    '1.10',
    '0.10',
    '-1.50',
    '100.000',
    '0.0',
    '0',
    '-0',
    '-0.0',
    '-1',
    '01',
    '+1',
    '.5',
    '5.',
    '1e3',
  ],
  ...[
    '0.000001',
    '0.0000011',
    '0.0000001',
    '-0.00000012',
    '1e-7',
    '1E-7',
    '1.5e5',
    '7e-7',
    '0.0000000000000001',
  ],
  ...[
    '0.123456789012345',
    '0.1234567890123456',
    '0.12345678901234567',
    '8.999999999999999',
    '900719925474099.1',
  ],
  ...['0.0000000000000000000001', '0.00000000000000000000000000000001', '123456789.123456789'],
  ...['1000000000000000', '9007199254740991', '9007199254740992', '9007199254740993', '12345678901234567890'],
  ...[
    '100000000000000000000',
    '1000000000000000000000',
    '1e21',
    '1e400',
    '-9007199254740991',
    'NaN',
    'null',
    '"1"',
  ],
] as const

const NUMBER = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g

/** Replaces the `choice`th piece that the pattern finds. */
const replaced = (text: string, pattern: RegExp, choice: number, piece: string): string => {
  const found = [...text.matchAll(pattern)]
  const match = found[choice % Math.max(1, found.length)]
  if (match === undefined) return text
  return text.slice(0, match.index) + piece + text.slice(match.index + match[0].length)
}

const PIECES = [
  '',
  ' ',
  '\n',
  ',',
  ',,',
  ':',
  '"',
  '[',
  ']',
  '{',
  '}',
  '-',
  '.',
  '0',
  '1',
  'e',
  'null',
  'true',
  '\0',
] as const
const MORE_PIECES = [
  '\0n',
  '"\0n"',
  '\\u0000',
  '\\"',
  '\\',
  'é',
  '\ud800',
  '[]',
  '[[]]',
  '[1]',
  '{"a":1}',
  '"hb"',
] as const
const TOKEN = /[[\]{},:]|"(?:[^"\\]|\\.)*"|[^[\]{},:"\s]+/g

/** A change of a text. */
export const spoiledText = (): fc.Arbitrary<(text: string) => string> =>
  fc.oneof(
    fc.tuple(fc.constantFrom(...ODD_NUMBERS), fc.nat(30)).map(
      ([number, choice]) =>
        (text: string): string =>
          replaced(text, NUMBER, choice, number),
    ),
    fc.tuple(fc.constantFrom(...PIECES, ...MORE_PIECES), fc.nat(60)).map(
      ([piece, choice]) =>
        (text: string): string =>
          replaced(text, TOKEN, choice, piece),
    ),
    fc
      .tuple(fc.constantFrom(...PIECES, ...MORE_PIECES), fc.nat(), fc.nat(3))
      .map(([piece, place, length]) => (text: string): string => {
        const at = place % (text.length + 1)
        return text.slice(0, at) + piece + text.slice(at + length)
      }),
  )
