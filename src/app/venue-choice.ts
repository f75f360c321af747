/** Which venues a command is about and where they are reached: `--venue` and `--endpoint`. */
import { type Either, left, right } from 'fp-ts/lib/Either.js'

import type { Venue } from '../venues/venue.ts'

type Endpoints = Venue['endpoints']

/** `name=value`; the name may not hold `=`. */
export const splitSetting = (text: string): { readonly name: string; readonly value: string } | undefined => {
  const at = text.indexOf('=')
  return at < 1 || at === text.length - 1 ? undefined : { name: text.slice(0, at), value: text.slice(at + 1) }
}

const urlProblem = (text: string, protocols: readonly string[]): string | undefined => {
  if (!URL.canParse(text)) return 'is no URL'
  const url = new URL(text)
  if (!protocols.includes(url.protocol))
    return `must begin with ${protocols.map((name) => `${name}//`).join(' or ')}`
  if (url.username !== '' || url.password !== '')
    return 'must hold no user and no password: they would be stored'
  if (url.hash !== '') return 'must hold no #'
  return undefined
}

/** The venues of these short names, all of them where none is named; Left: one sentence. */
export const chooseVenues = (
  names: readonly string[],
  known: readonly Venue[],
): Either<string, readonly Venue[]> => {
  if (names.length === 0) return right(known)
  const chosen: Venue[] = []
  for (const name of new Set(names)) {
    const venue = known.find(({ id }) => id === name)
    if (venue === undefined) return left(unknownVenue(name, known))
    chosen.push(venue)
  }
  return right(chosen)
}

/** A sentence. */
export const unknownVenue = (name: string, known: readonly Venue[]): string =>
  `There is no venue "${name}": the venues are ${known.map(({ id }) => id).join(', ')}.`

/** The endpoints of every venue, with what the settings change; Left: one sentence. */
export const readEndpoints = (
  settings: readonly string[],
  known: readonly Venue[],
): Either<string, ReadonlyMap<string, Endpoints>> => {
  const endpoints = new Map<string, Endpoints>(known.map((venue) => [venue.id, venue.endpoints]))
  for (const setting of settings) {
    const split = splitSetting(setting)
    const [id = '', kind = ''] = split?.name.split('.') ?? []
    const venueEndpoints = endpoints.get(id)
    if (split === undefined || (kind !== 'ws' && kind !== 'rest'))
      return left(`--endpoint "${setting}" must look like coinbase.ws=wss://… or coinbase.rest=https://….`)
    if (venueEndpoints === undefined) return left(unknownVenue(id, known))
    const problem = urlProblem(split.value, kind === 'ws' ? ['wss:', 'ws:'] : ['https:', 'http:'])
    if (problem !== undefined) return left(`--endpoint ${split.name}: "${split.value}" ${problem}.`)
    const value = kind === 'rest' ? split.value.replace(/\/+$/, '') : split.value
    endpoints.set(id, { ...venueEndpoints, [kind]: value })
  }
  return right(endpoints)
}
