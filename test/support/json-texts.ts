/** Texts of JSON in every spelling, and texts near the edges of what a scalar is: arbitraries for tests of the scanner. */
import fc from 'fast-check'

const EDGE_STRINGS = [
  '',
  'buy',
  'a1',
  'BTC-USD',
  'hb',
  '\\u0041',
  '\\"1\\"',
  '\\\\',
  'ends with \\\\',
  'ä€1😀',
  'ä€',
  '0',
  '-0',
  '00',
  '01',
  '1.',
  '.1',
  '1.50',
  '-1.50',
  '-0.00',
  '0.00000001',
  '1e5',
  '1E-7',
  '+1',
  '9007199254740991',
  '9007199254740992',
  '9007199254740993',
  '-9007199254740991',
  '900719925474099.1',
  '900719925474099.3',
  '12345678901234567890',
  '0.00000000000000001',
  '0.000000000000000001',
  '0.0000000000000000001',
  '550e8400-e29b-41d4-a716-446655440000',
  '550E8400-E29B-41D4-A716-446655440000',
  '550e8400-e29b-41d4-a716-44665544000g',
  '550e8400xe29b-41d4-a716-446655440000',
  '550e8400-e29b-41d4-a716-44665544000',
  'aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee',
  '2024-01-31T23:59:59.123456Z',
  '2024-01-31T23:59:59.1Z',
  '2024-01-31T23:59:59Z',
  '2024-01-31T23:59:59.Z',
  '2024-01-31T23:59:59.1234567Z',
  '2024-01-31T23:59:60Z',
  '2024-01-31T24:00:00Z',
  '2024-01-31 23:59:59Z',
  '2024-01-31T23:59:59+00:00',
  '2024-01-31T23:59:59z',
  '2023-02-29T00:00:00Z',
  '2024-02-29T00:00:00.000000Z',
  '1900-02-29T00:00:00Z',
  '2024-04-31T00:00:00Z',
  '2024-13-01T00:00:00Z',
  '2024-00-01T00:00:00Z',
  '1969-12-31T23:59:59.999999Z',
  '0001-01-01T00:00:00Z',
  '1684-01-01T00:00:00Z',
  '2255-12-31T00:00:00Z',
  '9999-12-31T23:59:59.999999Z',
] as const

const hex = (length: number): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: length, maxLength: length })

const uuids = fc.tuple(hex(8), hex(4), hex(4), hex(4), hex(12)).map((parts) => parts.join('-'))

const digits = fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: 1, maxLength: 20 })

const decimals = fc
  .tuple(fc.constantFrom('', '-'), digits, fc.option(digits), fc.constantFrom('', '', '', 'e5', 'E-07'))
  .map(([sign, whole, fraction, power]) => sign + whole + (fraction === null ? '' : `.${fraction}`) + power)

const two = (most: number): fc.Arbitrary<string> =>
  fc.integer({ min: 0, max: most }).map((value) => String(value).padStart(2, '0'))

const times = fc
  .tuple(fc.integer({ min: 1600, max: 2300 }), two(13), two(32), two(24), two(60), two(60), fc.option(digits))
  .map(
    ([year, month, day, hour, minute, second, fraction]) =>
      `${String(year)}-${month}-${day}T${hour}:${minute}:${second}${fraction === null ? '' : `.${fraction}`}Z`,
  )

/** What stands between quotes: any spelling, often near an edge. Holds no zero byte and no quote of its own. */
export const stringContents: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(...EDGE_STRINGS),
  uuids,
  decimals,
  times,
  fc.string({ unit: 'binary', maxLength: 12 }).map((text) => JSON.stringify(text).slice(1, -1)),
)

/** Numbers as text, also those that JSON does not allow. */
export const numberTexts: fc.Arbitrary<string> = fc.oneof(
  decimals,
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
  fc.maxSafeInteger().map(String),
  fc.constantFrom(
    '0',
    '-0',
    '-',
    '1.0',
    '-0.0',
    '1e400',
    '123456789012345678901234567890',
    '9007199254740993',
  ),
)

const spaces = fc.constantFrom('', '', '', '', ' ', '\n  ', '\t', '\r\n')

const listOf = (open: string, close: string, parts: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc
    .tuple(spaces, fc.array(fc.tuple(parts, spaces), { maxLength: 5 }), spaces)
    .map(
      ([before, all, behind]) =>
        open + before + all.map(([part, space]) => part + space).join(',') + behind + close,
    )

/** Whole JSON values in any spelling, at most six arrays or objects deep. */
export const jsonTexts: fc.Arbitrary<string> = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 6, depthSize: 'medium' },
    fc.oneof(
      stringContents.map((text) => `"${text}"`),
      numberTexts,
      fc.constantFrom('true', 'false', 'null'),
    ),
    listOf('[', ']', tie('value')),
    listOf(
      '{',
      '}',
      fc
        .tuple(stringContents, spaces, spaces, tie('value'))
        .map(([key, before, behind, value]) => `"${key}"${before}:${behind}${value}`),
    ),
  ),
})).value
