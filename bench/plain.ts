/** A proxy that only forwards, through Node’s HTTP server and undici: `plain.ts ENGINE-PORT`. What is above it is ours. */
import { createServer, type ServerResponse } from 'node:http'
import { Agent, type Dispatcher } from 'undici'

const origin = `http://127.0.0.1:${process.argv[2]}`
const agent = new Agent({ connections: 10_000, bodyTimeout: 0, headersTimeout: 0 })

/** Passes an answer on as it comes. */
class Forward implements Dispatcher.DispatchHandler {
  readonly #response: ServerResponse
  constructor(response: ServerResponse) {
    this.#response = response
  }
  onRequestStart(controller: Dispatcher.DispatchController) {
    this.#response.once('close', () => {
      if (!this.#response.writableFinished) controller.abort(new Error('The client has gone.'))
    })
  }
  onResponseStart(
    _: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ) {
    this.#response.writeHead(status, { 'content-type': String(headers['content-type']) })
  }
  onResponseData(_: Dispatcher.DispatchController, data: Buffer) {
    this.#response.write(data)
  }
  onResponseEnd() {
    this.#response.end()
  }
  onResponseError() {
    this.#response.destroy()
  }
}

const server = createServer({ noDelay: true }, (request, response) => {
  const parts: Buffer[] = []
  request.on('data', (part: Buffer) => parts.push(part))
  request.on('end', () => {
    const headers = { 'content-type': 'application/json' }
    const body = Buffer.concat(parts)
    agent.dispatch({ origin, path: request.url ?? '/', method: 'POST', headers, body }, new Forward(response))
  })
})
server.listen(0, '127.0.0.1', 4096, () => {
  const address = server.address()
  console.log(`plain ready ${typeof address === 'object' ? address?.port : ''}`)
})
