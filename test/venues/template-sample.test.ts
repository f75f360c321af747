import { Buffer } from 'node:buffer'

import { describe, expect, it } from 'vitest'

import { FrameScanner } from '../../src/codec/template/frame-scanner.ts'
import type { FrameScope, FrameTemplate } from '../../src/log/frame-row.ts'
import { PlainTexts } from '../../src/venues/plain-texts.ts'
import { RowBindings } from '../../src/venues/row-bindings.ts'
import { listSlotOf, sampleOf, slotOf } from '../../src/venues/template-sample.ts'

const scanned = (text: string): FrameScanner => {
  const scanner = new FrameScanner()
  const bytes = Buffer.from(text)
  expect(scanner.scan(bytes, 0, bytes.length)).toBe(true)
  return scanner
}

const templateOf = (text: string): FrameTemplate => {
  const { scope, template } = scanned(text)
  const found = scope.templates[template]
  if (found === undefined) throw new Error('no template')
  return found
}

describe('sampleOf', () => {
  it('shows in the value where each slot stands', () => {
    const template = templateOf(
      '{"type":"open","n":7,"deep":{"a.b":["1.5",true]},"list":[["1","2"]],"empty":[],"text":"b4"}',
    )
    const value = sampleOf(template)?.value as Record<string, unknown>
    expect(value['type']).toBe('open')
    expect(slotOf(value['type'])).toBe(-1)
    expect(slotOf(value['n'])).toBe(0)
    const { 'a.b': inner } = value['deep'] as { 'a.b': readonly unknown[] }
    expect([slotOf(inner[0]), slotOf(inner[1]), listSlotOf(inner, template)]).toEqual([1, -1, -1])
    expect(listSlotOf(value['list'], template)).toBe(2)
    expect([listSlotOf(value['empty'], template), slotOf(value['text'])]).toEqual([-1, 3])
  })

  it('takes the last of a key that stands twice, however it is written', () => {
    const value = sampleOf(templateOf('{"price":"1","p\\u0072ice":"2","price":"3","pr\\u0069ce":"4"}'))?.value
    expect(slotOf((value as { price: unknown }).price)).toBe(3)
  })

  it.each(['{"a":1e5}', '{"a":01}', '{"a":-0}', '{"a":"1"', '{"a":"1"}}', '{"a" "1"}', '["1",]'])(
    'is undefined where a frame of the template need not be JSON: %s',
    (text) => {
      expect(sampleOf(templateOf(text))).toBeUndefined()
    },
  )

  it('reads constants as UTF-8', () => {
    expect(sampleOf(templateOf('{"a":"é€","b":"1"}'))?.value).toMatchObject({ a: 'é€' })
  })
})

describe('PlainTexts', () => {
  it.each([
    ['b4', true],
    ['é4', true],
    ['4\\"', false],
    ['\\u0034', false],
    ['4\t', false],
  ])('%j: %s', (text, isPlain) => {
    const { scope, values, start } = scanned(`["${text}"]`)
    const texts = new PlainTexts()
    for (let round = 0; round < 2; round++) expect(texts.isPlain(scope, values[start] ?? 0)).toBe(isPlain)
  })

  it('judges anew in another scope', () => {
    const scopeOf = (text: string): FrameScope => ({
      templates: [],
      idText: () => '',
      idCount: 0,
      idBytes: new Uint8Array(),
      text: () => text,
    })
    const texts = new PlainTexts()
    expect(texts.isPlain(scopeOf('a1'), 1_000)).toBe(true)
    expect(texts.isPlain(scopeOf('\\1'), 1_000)).toBe(false)
  })
})

describe('RowBindings', () => {
  it('binds a template once, whatever its number in whatever scope', () => {
    const bound: string[] = []
    const bindings = new RowBindings(({ skeleton }) => {
      bound.push(skeleton)
      return { skeleton }
    })
    const [one, other] = [scanned('{"a":1}'), scanned('{"b":1}')]
    const bytes = Buffer.from('{"a":2}')
    other.scan(bytes, 0, bytes.length)
    const first = bindings.of(one.scope, one.template)
    expect(bindings.of(one.scope, one.template)).toBe(first)
    expect(bindings.of(other.scope, other.template)).toBe(first)
    expect(bindings.of(other.scope, 0)).not.toBe(first)
    expect(bindings.of(one.scope, one.template)).toBe(first)
    expect(bound).toHaveLength(2)
  })
})
