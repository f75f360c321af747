/** Answers questions about a running recorder over HTTP: on a TCP port, and on a local socket for `bookreel status`. */
import { createServer, type Server } from 'node:http'

import { RecorderMetrics } from './metrics.ts'
import type { RecorderReport } from './recorder-report.ts'

/** Where to listen. */
export type MonitorPlace =
  | { readonly kind: 'port'; readonly host: string; readonly port: number }
  | { readonly kind: 'socket'; readonly path: string }

export interface MonitorServer {
  /** Where it listens: the URL, or the path of the socket. */
  readonly address: string
  readonly close: () => Promise<void>
}

interface Answer {
  readonly status: number
  readonly contentType: string
  readonly text: string
}

const JSON_TYPE = 'application/json; charset=utf-8'

const answerTo = async (path: string, report: RecorderReport, metrics: RecorderMetrics): Promise<Answer> => {
  switch (path) {
    case '/metrics':
      return { status: 200, ...(await metrics.render(report)) }
    case '/health': {
      const { healthy, troubles } = report
      return {
        status: healthy ? 200 : 503,
        contentType: JSON_TYPE,
        text: JSON.stringify({ healthy, troubles }),
      }
    }
    case '/status':
      return { status: 200, contentType: JSON_TYPE, text: JSON.stringify(report) }
    default:
      return { status: 404, contentType: 'text/plain', text: 'There is /metrics, /health and /status.\n' }
  }
}

const listen = (server: Server, place: MonitorPlace): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject)
    const listening = (): void => {
      server.off('error', reject)
      resolve()
    }
    if (place.kind === 'port') server.listen(place.port, place.host, listening)
    else server.listen(place.path, listening)
  })

/**
 * Rejects with the system's error when it cannot listen there. `report` is asked for at each question; `onHandOver`: the
 * user's own processes may take the recording over.
 */
export const startMonitor = async (
  place: MonitorPlace,
  report: () => Promise<RecorderReport>,
  onHandOver?: (by: string) => void,
): Promise<MonitorServer> => {
  const metrics = new RecorderMetrics()
  const server = createServer((request, response) => {
    const handOver = /^\/hand-over\?by=(\d+)$/.exec(request.url ?? '')
    if (request.method === 'POST' && handOver?.[1] !== undefined && onHandOver !== undefined) {
      response.writeHead(202).end()
      onHandOver(handOver[1])
      return
    }
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.writeHead(405, { allow: 'GET, HEAD' }).end()
      return
    }
    const path = (request.url ?? '/').replace(/[?#].*$/s, '')
    void report()
      .then((now) => answerTo(path, now, metrics))
      .then(
        ({ status, contentType, text }) => {
          response.writeHead(status, { 'content-type': contentType, 'cache-control': 'no-store' })
          response.end(request.method === 'HEAD' ? undefined : text)
        },
        () => response.writeHead(500).end(),
      )
  })
  await listen(server, place)
  const bound = server.address()
  const port = bound !== null && typeof bound === 'object' ? bound.port : 0
  return {
    address: place.kind === 'socket' ? place.path : `http://${place.host}:${String(port)}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve()
        })
        server.closeAllConnections()
      }),
  }
}
