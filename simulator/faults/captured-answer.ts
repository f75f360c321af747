/** An HTTP answer kept back, so that it can be changed or delayed before it leaves. */
import type { OutgoingHttpHeaders, ServerResponse } from 'node:http'

export interface CapturedAnswer {
  readonly status: number
  readonly headers: OutgoingHttpHeaders
  readonly body: Buffer
}

/** Whatever the server answers from now on goes to `take` in place of the client. For answers of one piece. */
export const captureAnswer = (response: ServerResponse, take: (answer: CapturedAnswer) => void): void => {
  const writeHead = response.writeHead.bind(response)
  const end = response.end.bind(response)
  let status = 200
  let headers: OutgoingHttpHeaders = {}
  response.writeHead = (code: number, ...rest: unknown[]) => {
    const given = rest.find((value) => typeof value === 'object' && value !== null)
    status = code
    headers = { ...(given as OutgoingHttpHeaders | undefined) }
    return response
  }
  response.end = ((body?: unknown) => {
    response.writeHead = writeHead
    response.end = end
    const bytes =
      typeof body === 'string'
        ? Buffer.from(body)
        : body instanceof Uint8Array
          ? Buffer.from(body)
          : Buffer.alloc(0)
    take({ status, headers, body: bytes })
    return response
  }) as ServerResponse['end']
}

/** Lets an answer go to the client. */
export const releaseAnswer = (response: ServerResponse, { status, headers, body }: CapturedAnswer): void => {
  if (response.destroyed) return
  response.writeHead(status, { ...headers, 'content-length': body.length })
  response.end(body)
}
