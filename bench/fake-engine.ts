/**
 * An engine that costs nothing: it answers from bytes that are ready. `max_tokens` of the request is the number of chunks, `seed` the
 * milliseconds between two of them, all at once without it. Each paced chunk says when it was sent, in microseconds of the machine's
 * monotonic clock. It has the raw endpoints of llama-server, too.
 */
import { createServer, type Socket } from 'node:net'
import { bodyLength, headEnd, microseconds } from './wire.ts'

const json = 'content-type: application/json'
const plain = JSON.stringify({
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 1,
  model: 'fake',
  choices: [{ index: 0, message: { role: 'assistant', content: 'Hello there.' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 12, completion_tokens: 3, total_tokens: 15 },
})
const whole = Buffer.from(`HTTP/1.1 200 OK\r\n${json}\r\ncontent-length: ${plain.length}\r\n\r\n${plain}`)
const told = (body: string) =>
  Buffer.from(`HTTP/1.1 200 OK\r\n${json}\r\ncontent-length: ${body.length}\r\n\r\n${body}`)
const listed = told('{"object":"list","data":[{"id":"fake","object":"model"}]}')
const props = told(
  JSON.stringify({
    chat_template: '{% for message in messages %}{{ message.content }}{% endfor %}',
    bos_token: '',
    eos_token: '',
    default_generation_settings: { n_ctx: 10_000_000 },
    total_slots: 10_000,
    model_path: 'fake',
  }),
)
/** Tokens of a model that has one for each letter. */
const tokenized = (content: string) => told(JSON.stringify({ tokens: Array.from(content, (_, index) => index + 1) }))
const streamHead = 'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n'

const framed = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n`
const chunk = (choices: string, usage = '') =>
  `data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"fake","choices":[${choices}]${usage}}\n\n`
const delta = (text: string) => chunk(`{"index":0,"delta":{"content":"${text}"},"finish_reason":null}`)
const token = (text: string) =>
  `data: {"index":0,"content":"${text}","tokens":[7],"stop":false,"tokens_predicted":1,"tokens_evaluated":12}\n\n`
const lastToken = (chunks: number) =>
  `data: {"index":0,"content":"","tokens":[],"stop":true,"stop_type":"eos","tokens_predicted":${chunks},"tokens_evaluated":12}\n\n`
const ending = (chunks: number) =>
  chunk('{"index":0,"delta":{},"finish_reason":"stop"}') +
  chunk('', `,"usage":{"prompt_tokens":12,"completion_tokens":${chunks},"total_tokens":${12 + chunks}}`) +
  'data: [DONE]\n\n'

/** Bytes that lie here for one stream at most: of the fastest, those of half a minute. */
const unreadMax = 1_000_000

const numberOf = (body: string, field: string): number => Number(new RegExp(`"${field}":(\\d+)`).exec(body)?.[1] ?? 0)

function answer(socket: Socket, head: string, body: string): void {
  if (head.startsWith('GET /props')) return void socket.write(props)
  if (head.startsWith('GET')) return void socket.write(listed)
  if (head.startsWith('POST /tokenize')) return void socket.write(tokenized(JSON.parse(body).content))
  if (!body.includes('"stream":true')) return void socket.write(whole)
  const isRaw = head.startsWith('POST /completion')
  const [piece, end] = isRaw ? [token, lastToken] : [delta, ending]
  const chunks = numberOf(body, isRaw ? 'n_predict' : 'max_tokens')
  const everyMs = numberOf(body, 'seed')
  if (everyMs === 0) {
    const all = Array.from({ length: chunks }, () => piece('word ')).join('')
    return void socket.write(`${streamHead}${framed(all + end(chunks))}0\r\n\r\n`)
  }
  let sent = 0
  socket.write(streamHead)
  const timer = setInterval(() => {
    // A gateway that has gone to sleep, or that left its client's stream running, is not filled without end.
    if (socket.writableLength > unreadMax) return
    if (sent++ < chunks) return void socket.write(framed(piece(`t${microseconds()} `)))
    clearInterval(timer)
    socket.write(`${framed(end(chunks))}0\r\n\r\n`)
  }, everyMs)
  socket.once('close', () => clearInterval(timer))
}

const server = createServer({ noDelay: true }, (socket) => {
  let parts: Buffer[] = []
  let size = 0
  let wanted = 0
  socket.on('error', () => undefined)
  socket.on('data', (part: Buffer) => {
    parts.push(part)
    size += part.length
    if (size < wanted) return
    const all = parts.length === 1 ? part : Buffer.concat(parts)
    const end = headEnd(all)
    wanted = end < 0 ? 0 : end + bodyLength(all.toString('latin1', 0, end))
    parts = [all]
    if (end < 0 || size < wanted) return
    parts = []
    size = wanted = 0
    answer(socket, all.toString('latin1', 0, end), all.toString('latin1', end))
  })
})
server.listen(0, '127.0.0.1', 4096, () => {
  const address = server.address()
  console.log(typeof address === 'object' ? address?.port : '')
})
