/** Failures of the driver and the server as StoreErrors: one sentence that says what, where and what to do, no secrets. */
import { type StoreError, StoreFailure } from '../../log/event-store.ts'
import { shownAddress, withoutSecrets } from './mongo-address.ts'

const DUPLICATE_KEY = 11000
/** The server is not, or no longer, the one that takes writes. */
const NOT_PRIMARY = [10107, 13435, 13436, 11600, 11602, 189, 91, 10058]
const NOT_ALLOWED = [13, 33, 8000]
const NOT_AUTHENTICATED = [18, 11]
const OUT_OF_DISK = [14031, 12501]
const TOO_LARGE = [10334, 17280]
const NOT_IN_TIME = [50, 262, 64]

const TLS_TROUBLE =
  /ERR_SSL|ERR_TLS|CERT_|_CERT|UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER|HOSTNAME_MISMATCH|EPROTO|ssl3?_|certificate|wrong version number|secure TLS connection/i
const UNREADABLE_ADDRESS = /^Mongo(Parse|InvalidArgument|API|MissingCredentials)Error$/
const ASKS_FOR_TLS = /^mongodb\+srv:|[?&](tls|ssl)=true/i

/** What a driver's error says, those it was caused by included. */
interface Told {
  readonly codes: readonly number[]
  readonly names: readonly string[]
  /** The innermost message, one line, without a full stop. */
  readonly message: string
  readonly all: string
  /** Members of a replica set answer, but none of them is its primary. */
  readonly lacksPrimary: boolean
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null

/** An error, its causes, and the failures a server description carries. */
const chainOf = (error: unknown): readonly Readonly<Record<string, unknown>>[] => {
  const chain: Readonly<Record<string, unknown>>[] = []
  let next: unknown = error
  while (isRecord(next) && !chain.includes(next) && chain.length < 10) {
    chain.push(next)
    next = next['cause'] ?? failureOfServers(next['reason'])
  }
  return chain
}

/** What the driver knew of the servers when it found none to use. */
const isWithoutPrimary = ({ reason }: Readonly<Record<string, unknown>>): boolean =>
  isRecord(reason) &&
  reason['type'] === 'ReplicaSetNoPrimary' &&
  reason['servers'] instanceof Map &&
  [...reason['servers'].values()].some((server) => isRecord(server) && server['type'] === 'RSSecondary')

const failureOfServers = (reason: unknown): unknown => {
  if (!isRecord(reason) || !(reason['servers'] instanceof Map)) return undefined
  const servers: unknown[] = [...reason['servers'].values()]
  return servers.map((server) => (isRecord(server) ? server['error'] : undefined)).find(isRecord)
}

const read = (error: unknown): Told => {
  const chain = chainOf(error)
  const texts = chain.map(({ message }) => (typeof message === 'string' ? message : ''))
  const told = texts.findLast((text) => text !== '') ?? String(error)
  return {
    codes: chain.flatMap(({ code }) => (typeof code === 'number' ? [code] : [])),
    names: chain.flatMap(({ name }) => (typeof name === 'string' ? [name] : [])),
    message: (told.split('\n', 1)[0] ?? '').replace(/[.\s]+$/, ''),
    all: [...texts, ...chain.map(({ code }) => (typeof code === 'string' ? code : ''))].join(' '),
    lacksPrimary: chain.some(isWithoutPrimary),
  }
}

/** The unique index, or the `_id`, kept a second document out. */
export const isDuplicate = (error: unknown): boolean => read(error).codes.includes(DUPLICATE_KEY)

/** What went wrong, and whether the server may do it a while later. */
interface Verdict {
  readonly sentence: string
  readonly isAway: boolean
}

const away = (sentence: string): Verdict => ({ sentence, isAway: true })
const refused = (sentence: string): Verdict => ({ sentence, isAway: false })

/** What a server says by code, or the driver before it asked one. */
const answerVerdict = (
  { codes, names, message, all, lacksPrimary }: Told,
  place: string,
): Verdict | undefined => {
  const has = (known: readonly number[]): boolean => codes.some((code) => known.includes(code))
  if (names.some((name) => UNREADABLE_ADDRESS.test(name)) || message === 'Invalid URL')
    return refused(
      `The address ${place} cannot be used (${message}): write it like mongodb://user:password@host:27017/books.`,
    )
  if (has(NOT_AUTHENTICATED))
    return refused(
      `MongoDB at ${place} refuses the user or the password: check both, and the authSource of the address.`,
    )
  if (has(NOT_ALLOWED))
    return refused(
      `MongoDB at ${place} does not allow this user to do that (${message}): give it the role readWrite, or read for reading alone.`,
    )
  if (has(NOT_PRIMARY) || /not (writable )?primary|not master/i.test(all))
    return away(
      `MongoDB at ${place} is not the primary of its replica set: name all members in the address, with ?replicaSet=NAME, and wait for an election.`,
    )
  if (lacksPrimary)
    return away(
      `The replica set of MongoDB at ${place} has no primary: wait for an election, and see that a majority of its members runs.`,
    )
  if (has(OUT_OF_DISK) || /no space left|out of disk/i.test(all))
    return away(
      `The disk of MongoDB at ${place} is full: free some space there; what waits is stored afterwards.`,
    )
  if (has(TOO_LARGE)) return refused(`MongoDB at ${place} refuses a document as too large (${message}).`)
  if (has(NOT_IN_TIME))
    return away(
      `MongoDB at ${place} did not confirm in time (${message}): see to the members of its replica set.`,
    )
  return undefined
}

const verdictOf = (told: Told, place: string, url: string): Verdict => {
  const answered = answerVerdict(told, place)
  if (answered !== undefined) return answered
  const { names, message, all } = told
  if (TLS_TROUBLE.test(all))
    return refused(
      `No TLS connection to MongoDB at ${place} (${message}): check tls= and tlsCAFile= of the address against the server.`,
    )
  if (/timed out|ETIMEDOUT/i.test(message))
    return away(
      `MongoDB at ${place} does not answer (${message}): see whether it runs${ASKS_FOR_TLS.test(url) ? ', speaks TLS,' : ''} and is not overloaded.`,
    )
  if (
    /ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|ENODATA|ServerSelection/.test(
      `${all} ${names.join(' ')}`,
    )
  )
    return away(`MongoDB at ${place} cannot be reached (${message}): start it, or check the address.`)
  if (names.some((name) => /^Mongo(Network|Pool)/.test(name)) || /EPIPE|ECONNRESET|socket/i.test(all))
    return away(`The connection to MongoDB at ${place} broke (${message}).`)
  return refused(`MongoDB at ${place} failed (${message}).`)
}

/** `url`: the store's address, of which only hosts and database are told. */
export const storeErrorOf = (error: unknown, url: string): StoreError => {
  if (error instanceof StoreFailure) return error.error
  const { sentence, isAway } = verdictOf(read(error), shownAddress(url), url)
  const message = withoutSecrets(url, sentence)
  return isAway ? { kind: 'unavailable', message, isAway } : { kind: 'unavailable', message }
}
