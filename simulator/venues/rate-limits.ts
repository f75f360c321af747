/** Limits of how often an address may do something. Own no clock: `now` is in milliseconds and only goes forward. */

/** Addresses remembered; the one unheard of for longest is forgotten first. */
const REMEMBERED = 10_000

const remember = <A>(known: Map<string, A>, key: string, value: A): void => {
  known.delete(key)
  known.set(key, value)
  const oldest = known.size > REMEMBERED ? known.keys().next() : undefined
  if (oldest?.done === false) known.delete(oldest.value)
}

/** A bucket of tokens for every address, filled lazily: so many a second, never more than the burst. */
export class TokenBuckets {
  private readonly perSecond: number
  private readonly burst: number
  private readonly known = new Map<string, { readonly tokens: number; readonly at: number }>()

  constructor(perSecond: number, burst: number) {
    this.perSecond = perSecond
    this.burst = burst
  }

  /** Takes a token; false when there is none. */
  take(address: string, now: number): boolean {
    const { tokens, at } = this.known.get(address) ?? { tokens: this.burst, at: now }
    const filled = Math.min(this.burst, tokens + ((now - at) * this.perSecond) / 1000)
    remember(this.known, address, { tokens: filled >= 1 ? filled - 1 : filled, at: now })
    return filled >= 1
  }
}

/** So many in a minute; the next one blocks its address for another minute. */
export class MinuteLimit {
  private readonly most: number
  private readonly known = new Map<string, { times: number[]; blockedUntil: number }>()

  constructor(most: number) {
    this.most = most
  }

  /** False when the address has had its share, or is blocked. */
  take(address: string, now: number): boolean {
    const { times, blockedUntil } = this.known.get(address) ?? { times: [], blockedUntil: -Infinity }
    if (now < blockedUntil) return false
    const recent = times.filter((time) => time > now - MINUTE)
    const isOver = recent.length >= this.most
    remember(this.known, address, {
      times: isOver ? [] : [...recent, now],
      blockedUntil: isOver ? now + MINUTE : blockedUntil,
    })
    return !isOver
  }
}

const MINUTE = 60_000
