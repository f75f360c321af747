import { describe, expect, it } from 'vitest'

import { redactionOf } from '../../src/recorder/redaction.ts'

describe('redactionOf', () => {
  it.each([
    ['a long secret anywhere', ['s3cret-key'], 'bad key:s3cret-key!', 'bad key:***!'],
    ['a long secret inside a word', ['secret'], 'xsecretx', 'x***x'],
    ['a short one where it stands alone', ['abc'], 'key "abc" is no abcde', 'key "***" is no abcde'],
    ['the whole of a secret that holds another', ['abcdef', 'abcdefgh'], 'abcdefgh abcdef', '*** ***'],
    ['what is special in patterns', ['a+b/c==(', '$&$1.*'], 'is a+b/c==( or $&$1.*?', 'is *** or ***?'],
    ['a secret as JSON writes it', ['quo"te\\d'], '{"key":"quo\\"te\\\\d"}', '{"key":"***"}'],
    ['nothing for empty secrets', ['', ''], 'all of it', 'all of it'],
    ['nothing without secrets', [], 'all of it', 'all of it'],
  ])('takes out %s', (_what, secrets, text, expected) => {
    expect(redactionOf(secrets)(text)).toBe(expected)
  })
})
