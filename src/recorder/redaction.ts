/** Takes credentials out of texts that people see: venues may repeat what they were sent. */

/** A shorter secret may stand inside common words: it is taken out only where it stands alone. */
const LONG_ENOUGH = 6

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&')

const patternOf = (secret: string): string =>
  secret.length >= LONG_ENOUGH ? escaped(secret) : `(?<![A-Za-z0-9])${escaped(secret)}(?![A-Za-z0-9])`

/** Gives a function that puts `***` in the place of every secret, also where it stands inside JSON. */
export const redactionOf = (secrets: readonly string[]): ((text: string) => string) => {
  const forms = new Set(secrets.flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1)]))
  forms.delete('')
  if (forms.size === 0) return (text) => text
  // The longest first: one secret may be a part of another.
  const patterns = [...forms].sort((one, other) => other.length - one.length).map(patternOf)
  const pattern = new RegExp(patterns.join('|'), 'g')
  return (text) => text.replace(pattern, '***')
}
