/** Codecs for settings in files: every problem is told with its place, and the same codecs tell their JSON Schema. */
import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'

/** A part of JSON Schema, draft 2020-12. */
export type Schema = Readonly<Record<string, unknown>>

interface Described {
  readonly schema: Schema
}

/** A text of a certain form; `problemOf` says what it must be, as a part of a sentence. */
export class TextSetting extends t.Type<string> implements Described {
  readonly schema: Schema

  constructor(name: string, schema: Schema, problemOf: (text: string) => string | undefined) {
    super(
      name,
      t.string.is,
      (value, context) => {
        const problem = typeof value === 'string' ? problemOf(value) : (problemOf('') ?? `must be ${name}`)
        return typeof value === 'string' && problem === undefined
          ? t.success(value)
          : t.failure(value, context, problem)
      },
      t.identity,
    )
    this.schema = { type: 'string', ...schema }
  }
}

export const textOf = (name: string, pattern: RegExp, like: string): TextSetting =>
  new TextSetting(name, { pattern: pattern.source, examples: [like] }, (text) =>
    pattern.test(text) ? undefined : `must be ${name} like ${like}`,
  )

export const oneOf = (name: string, choices: readonly string[]): TextSetting =>
  new TextSetting(name, { enum: choices }, (text) =>
    choices.includes(text) ? undefined : `must be one of ${choices.join(', ')}`,
  )

export class FlagSetting extends t.Type<boolean> implements Described {
  readonly schema: Schema = { type: 'boolean' }

  constructor() {
    super(
      'true or false',
      t.boolean.is,
      (value, context) =>
        typeof value === 'boolean' ? t.success(value) : t.failure(value, context, 'must be true or false'),
      t.identity,
    )
  }
}

/** Not an empty one: that would read as nothing, and mean all. */
export class ListSetting<A> extends t.Type<readonly A[], unknown> implements Described {
  readonly schema: Schema

  constructor(name: string, item: t.Type<A, unknown> & Described) {
    const list = t.array(item)
    super(
      name,
      list.is,
      (value, context) => {
        if (!Array.isArray(value)) return t.failure(value, context, `must be ${name}`)
        if (value.length === 0)
          return t.failure(value, context, 'must not be empty: name one, or leave it out')
        return list.validate(value, context)
      },
      t.identity,
    )
    this.schema = { type: 'array', minItems: 1, items: item.schema }
  }
}

/** A text, or the settings that are written in its place. */
export class ShortOrLongSetting<A> extends t.Type<A | string, unknown> implements Described {
  readonly schema: Schema

  constructor(short: TextSetting, long: t.Type<A, unknown> & Described) {
    super(
      short.name,
      (value): value is A | string => short.is(value) || long.is(value),
      (value, context): t.Validation<A | string> =>
        typeof value === 'object' && value !== null
          ? long.validate(value, context)
          : short.validate(value, context),
      t.identity,
    )
    this.schema = { anyOf: [short.schema, long.schema] }
  }
}

interface Setting {
  readonly codec: t.Mixed & Described
  /** One sentence for people. */
  readonly about: string
}

/** Settings by their names. */
export type SettingTable = Readonly<Record<string, Setting>>

type ValuesOf<T extends SettingTable> = {
  readonly [K in keyof T]?: t.TypeOf<T[K]['codec']> | undefined
}

/** An object of settings that knows no other names; those of `required` must be there. */
export class SettingsObject<T extends SettingTable>
  extends t.Type<ValuesOf<T>, unknown>
  implements Described
{
  readonly schema: Schema

  constructor(name: string, table: T, required: readonly (keyof T & string)[] = []) {
    super(
      name,
      (value): value is ValuesOf<T> => !isLeft(validateObject(table, required, value, [])),
      (value, context) => validateObject(table, required, value, context),
      t.identity,
    )
    const properties = Object.entries(table).map(([key, { codec, about }]) => [
      key,
      { description: about, ...codec.schema },
    ])
    this.schema = {
      type: 'object',
      properties: Object.fromEntries(properties) as Schema,
      ...(required.length === 0 ? {} : { required }),
      additionalProperties: false,
    }
  }
}

const validateObject = (
  table: SettingTable,
  required: readonly string[],
  value: unknown,
  context: t.Context,
): t.Validation<object> => {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return t.failure(value, context, 'must be a JSON object')
  const errors: t.ValidationError[] = []
  for (const [key, given] of Object.entries(value)) {
    const setting = Object.hasOwn(table, key) ? table[key] : undefined
    const type = setting?.codec ?? t.unknown
    const place = t.appendContext(context, key, type, given)
    if (setting === undefined) {
      const names = Object.keys(table).filter((name) => !name.startsWith('$'))
      const message = `is no setting: there are ${names.join(', ')}`
      errors.push({ value: undefined, context: place, message })
      continue
    }
    const validated = setting.codec.validate(given, place)
    if (isLeft(validated)) for (const error of validated.left) errors.push(error)
  }
  for (const key of required)
    if (!Object.hasOwn(value, key))
      errors.push({
        value: undefined,
        context: t.appendContext(context, key, t.unknown),
        message: 'is missing',
      })
  return errors.length === 0 ? t.success(value) : t.failures(errors)
}

/** What is wrong at one place of a file. */
export interface SettingProblem {
  /** `pairs[1].feed[0]`; '' for the whole. */
  readonly path: string
  /** A part of a sentence, behind the path. */
  readonly problem: string
}

const pathOf = (context: t.Context): string =>
  context.reduce((path, { key }) => {
    if (key === '') return path
    if (/^\d+$/.test(key)) return `${path}[${key}]`
    return path === '' ? key : `${path}.${key}`
  }, '')

/** Every problem there is, or the settings. */
export const readSettings = <A>(
  codec: t.Type<A, unknown>,
  value: unknown,
): Either<readonly SettingProblem[], A> => {
  const decoded = codec.decode(value)
  if (!isLeft(decoded)) return right(decoded.right)
  return left(
    decoded.left.map(({ context, message }) => ({
      path: pathOf(context),
      problem: message ?? `must be ${context.at(-1)?.type.name ?? 'something else'}`,
    })),
  )
}
