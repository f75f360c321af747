/** What a feed tells, and the sentences in which an operator hears it. */
import type { CloseCause } from '../../log/payloads.ts'
import type { LogLine } from '../recorder-log.ts'

/** What a feed tells its supervisors. Texts hold no secrets. */
export type FeedReport =
  | { readonly kind: 'connecting' }
  /** `open`: connections that are open now, of a stream that has redundant ones. */
  | { readonly kind: 'connected'; readonly connection: number; readonly open: number }
  | {
      readonly kind: 'closed'
      readonly cause: CloseCause
      readonly code: number
      readonly detail: string
      readonly retryIn: number
      readonly open: number
    }
  /** A connection that had grown old, or that its venue was about to end, is gone; another one took its place before. */
  | { readonly kind: 'renewed'; readonly open: number }
  /** A connection could not be opened. */
  | {
      readonly kind: 'unreachable'
      readonly detail: string
      readonly retryIn: number
      readonly open: number
    }
  | { readonly kind: 'refused'; readonly text: string; readonly open: number }
  | {
      readonly kind: 'request-failed'
      readonly url: string
      readonly status: number
      readonly detail: string
    }

/** `next`: what is done about it, behind the message: nothing any more where recording ends of it. */
interface ReportLine extends Omit<LogLine, 'about'> {
  readonly next?: string
}

const secondsText = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(1)} s`

/** Undefined: not worth a line. */
export const describeReport = (
  venueName: string,
  { endpoints, pair }: { readonly endpoints: { readonly ws: string }; readonly pair: string },
  report: FeedReport,
): ReportLine | undefined => {
  switch (report.kind) {
    case 'connecting':
      return undefined
    case 'connected':
      return { level: 'info', message: `Connected to ${venueName} at ${endpoints.ws}.` }
    case 'closed': {
      const why =
        report.cause === 'silence'
          ? `${venueName} fell silent`
          : report.cause === 'requested'
            ? `A fresh connection to ${venueName} is needed (${report.detail})`
            : `${venueName} closed the connection (${String(report.code)}${report.detail === '' ? '' : `: ${report.detail}`})`
      const others = report.open === 0 ? '' : ` (open connections of the stream: ${String(report.open)})`
      return {
        level: 'warn',
        message: `${why}; connecting again in ${secondsText(report.retryIn)}${others}.`,
      }
    }
    case 'renewed':
      return {
        level: 'info',
        message: `The connection to ${venueName} was renewed: the new one was there before the old one went.`,
      }
    case 'unreachable':
      return {
        level: 'warn',
        message: `Cannot connect to ${venueName} at ${endpoints.ws}: ${report.detail}.`,
        next: ` Trying again in ${secondsText(report.retryIn)}.`,
      }
    case 'refused':
      return { level: 'error', message: `${venueName} refuses to deliver ${pair}: ${report.text}` }
    case 'request-failed': {
      if (report.status === 401 || report.status === 403) {
        const refusal = `${venueName} refuses ${report.url} (${String(report.status)}): ${report.detail}`
        const advice = report.status === 401 ? 'check its credentials; ' : ''
        return { level: 'error', message: `${refusal}; ${advice}it is asked again, slowly.` }
      }
      const answer = report.status === 0 ? report.detail : `${String(report.status)} ${report.detail}`
      return { level: 'warn', message: `${venueName} did not answer ${report.url} as hoped: ${answer}` }
    }
  }
}
