/** The words with which a connection is given up because one of its channels fell silent, and how they are found again. */
import type { FeedCommand } from './venue.ts'

const PREFIX = 'stale: '

export const silentChannel = (connection: number, channel: string): FeedCommand => ({
  ...{ kind: 'reconnect', connection, cause: 'stale', delay: 0 },
  detail: `channel ${channel} fell silent`,
})

/** Whether the payload of a `closed` entry says so. */
export const isSilentChannel = ({
  cause,
  reason,
}: {
  readonly cause: string
  readonly reason?: unknown
}): boolean => cause === 'requested' && typeof reason === 'string' && reason.startsWith(PREFIX)
