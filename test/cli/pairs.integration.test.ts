import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { runCommand } from '../support/recorder-process.ts'

let server: Server
let rest = ''

beforeAll(async () => {
  server = createServer((request, response) => {
    const isList = request.url === '/v2/conf/pub:list:pair:exchange'
    response.statusCode = isList ? 200 : 500
    response.end(isList ? '[["BTCUSD","ETHUSD"]]' : 'trouble')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  rest = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`
})

afterAll(() => server.close())

describe('bookreel pairs', () => {
  it('lists what one venue offers and says what is the matter with the other', async () => {
    const words = [
      'pairs',
      'eth',
      '--endpoint',
      `bitfinex.rest=${rest}`,
      '--endpoint',
      `coinbase.rest=${rest}`,
    ]
    const { code, stdout, stderr } = await runCommand(...words)
    expect(stdout).toMatch(/bitfinex +ETH-USD +tETHUSD/)
    expect(stdout).not.toContain('BTC-USD')
    expect(stderr).toMatch(/Coinbase answers 500/)
    expect(code).toBe(1)
    const json = await runCommand(...words, '--json', '--venue', 'bitfinex')
    expect(JSON.parse(json.stdout)).toEqual({
      pairs: [{ venue: 'bitfinex', pair: 'ETH-USD', symbol: 'tETHUSD' }],
    })
  })

  it('fails when no venue answers', async () => {
    const { code, stdout, stderr } = await runCommand(
      'pairs',
      '--venue',
      'coinbase',
      '--endpoint',
      `coinbase.rest=${rest}`,
    )
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toMatch(/^bookreel: Coinbase answers 500 [^\n]*\n$/)
  })
})
