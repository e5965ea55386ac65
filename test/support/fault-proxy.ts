// An HTTP proxy before a real server that fails as told, request by request, and keeps what it saw: 503s, lost answers, cut connections,
// silence. Signatures hold: the Host header goes on as it came. Main thread of a test file.
import { type ClientRequest, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'

export interface SeenRequest {
  readonly method: string
  /** with the query */
  readonly path: string
  readonly headers: NodeJS.Dict<string | string[]>
}

export type Fault =
  /** the server never sees it */
  | { readonly answer: number; readonly code: string }
  /** the connection ends before the server sees it */
  | 'cut'
  /** the server does it, nobody hears of it */
  | 'lose the answer'
  /** nothing happens, for ever */
  | 'silence'
  /** a page of HTML, as from a load balancer */
  | 'garble'

export interface FaultProxy {
  readonly url: string
  readonly seen: SeenRequest[]
  /** Asked for each request; null: it goes through. */
  plan: (request: SeenRequest) => Fault | null
}

function forward(target: URL, incoming: IncomingMessage, answered: (answer: IncomingMessage) => void): ClientRequest {
  const { expect: _dropped, ...headers } = incoming.headers
  const onward = request(
    { host: target.hostname, port: target.port, method: incoming.method ?? 'GET', path: incoming.url ?? '/', headers },
    answered,
  )
  incoming.pipe(onward)
  return onward
}

function serve(proxy: FaultProxy, target: URL, incoming: IncomingMessage, response: ServerResponse): void {
  const seen = { method: incoming.method ?? '', path: incoming.url ?? '', headers: incoming.headers }
  proxy.seen.push(seen)
  const fault = proxy.plan(seen)
  if (fault === 'silence') return void incoming.resume()
  if (fault === 'cut') return void incoming.socket.destroy()
  if (fault === 'garble') {
    incoming.resume()
    return void response.writeHead(502, { 'content-type': 'text/html' }).end('<html><body>Bad <gateway</html>')
  }
  if (fault !== null && typeof fault === 'object') {
    incoming.resume()
    const xml = `<?xml version="1.0"?><Error><Code>${fault.code}</Code><Message>as told</Message></Error>`
    return void response.writeHead(fault.answer, { 'content-type': 'application/xml' }).end(xml)
  }
  const onward = forward(target, incoming, answer => {
    if (fault === 'lose the answer') {
      answer.resume()
      answer.on('end', () => incoming.socket.destroy())
      return
    }
    response.writeHead(answer.statusCode ?? 502, answer.headers)
    answer.pipe(response)
  })
  onward.on('error', () => incoming.socket.destroy())
}

export async function faultProxy(t: TestContext, url: string): Promise<FaultProxy> {
  const target = new URL(url)
  const server = createServer((incoming, response) => serve(proxy, target, incoming, response))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const proxy: FaultProxy = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen: [],
    plan: () => null,
  }
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return proxy
}
