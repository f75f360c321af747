/**
 * The address of a MongoDB store: what of it may be shown, which database it names, and the options that every
 * connection is made with. Credentials leave this file only towards the driver.
 */
import type { MongoClientOptions } from 'mongodb'

const DEFAULT_DATABASE = 'bookreel'

/** How long a client waits, in milliseconds; an address may name its own (`?serverSelectionTimeoutMS=…`). */
const PATIENCE = {
  serverSelectionTimeoutMS: 5_000,
  connectTimeoutMS: 10_000,
  socketTimeoutMS: 60_000,
} as const

/** The server answers by then whether a majority has a write; afterwards the store asks whether it was kept. */
const WRITE_TIMEOUT = 20_000

/** Scheme, optional credentials, hosts, optional database, optional settings. */
const ADDRESS = /^(mongodb(?:\+srv)?):\/\/(?:(.*)@)?([^/?]*)(?:\/([^?]*))?(?:\?(.*))?$/s

/** An address in parts; what is not there is empty. */
interface AddressParts {
  readonly scheme: string
  readonly credentials: string
  readonly hosts: string
  readonly database: string
  readonly settings: string
}

const partsOf = (url: string): AddressParts => {
  const [, scheme = 'mongodb', credentials = '', hosts = '', database = '', settings = ''] =
    ADDRESS.exec(url) ?? []
  return { scheme, credentials, hosts, database, settings }
}

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** Settings of an address whose values are nobody's business. */
const SECRET_SETTINGS =
  /^(authMechanismProperties|tlsCertificateKeyFilePassword|proxyPassword|proxyUsername)$/i

const secretsOf = ({ credentials, settings }: AddressParts): readonly string[] => {
  const password = credentials.slice(credentials.indexOf(':') + 1)
  const values = settings.split('&').flatMap((setting) => {
    const [name = '', ...value] = setting.split('=')
    return SECRET_SETTINGS.test(name) ? [value.join('=')] : []
  })
  const given = [credentials, ...(credentials.includes(':') ? [password] : []), ...values]
  return given.flatMap((text) => [text, decoded(text)]).filter((text) => text.length > 0)
}

/** The address as people may see it: no user, no password, no settings. */
export const shownAddress = (url: string): string => {
  const { scheme, hosts, database } = partsOf(url)
  return `${scheme}://${hosts}/${database === '' ? DEFAULT_DATABASE : database}`
}

/** A driver's words without anything secret that the address holds. */
export const withoutSecrets = (url: string, text: string): string =>
  secretsOf(partsOf(url)).reduce((masked, secret) => masked.replaceAll(secret, '***'), text)

export const databaseOf = (url: string): string => {
  const { database } = partsOf(url)
  return database === '' ? DEFAULT_DATABASE : decoded(database)
}

/** The options of every client. Safety is not for the address to choose; patience and compression are. */
export const clientOptionsFor = (url: string): MongoClientOptions => {
  const { settings } = partsOf(url)
  const named = settings.split('&').map((setting) => (setting.split('=')[0] ?? '').toLowerCase())
  const patience = Object.entries(PATIENCE).filter(([name]) => !named.includes(name.toLowerCase()))
  return {
    appName: 'bookreel',
    ...Object.fromEntries(patience),
    // Chunks are compressed already: more than the least effort is wasted on them.
    ...(named.includes('compressors') ? {} : { compressors: ['zlib'], zlibCompressionLevel: 1 }),
    ...(named.includes('maxpoolsize') ? {} : { maxPoolSize: 8 }),
    writeConcern: { w: 'majority', journal: true, wtimeoutMS: WRITE_TIMEOUT },
    readConcernLevel: 'majority',
    readPreference: 'primary',
    retryReads: true,
    retryWrites: true,
    promoteBuffers: true,
    ignoreUndefined: false,
  }
}
