import { type Area, broken, type Check, cannotTell, judged, kept, notOffered } from '../check.ts'
import type { Answer } from '../exchange.ts'
import type { Probe } from '../probe.ts'
import { isStream } from '../reading.ts'
import { shown } from '../wire-json.ts'

const chat = '/chat/completions'
const json = { 'content-type': 'application/json' }
const small = ({ model }: Probe) => ({ model, messages: [{ role: 'user', content: 'Hello!' }], max_tokens: 4 })

const post = (probe: Probe, sent: Parameters<Probe['send']>[1], path = chat) =>
  probe.send(path, { method: 'POST', headers: json, body: JSON.stringify(small(probe)), onlyStatus: true, ...sent })

const saidStatus = ({ status, trouble }: Answer) => (status === 0 ? (trouble ?? 'no answer') : String(status))

/** One request for each: what it is, what it must be answered with, and what it is. */
type Row = readonly [say: string, status: number, ask: (probe: Probe) => Promise<Answer>]

const statuses = (rows: readonly Row[]): Check['run'] => {
  return async (probe) => {
    const faults: string[] = []
    for (const [say, expected, ask] of rows) {
      const answer = await ask(probe)
      if (answer.status !== expected) faults.push(`${say}: ${saidStatus(answer)} instead of ${expected}`)
    }
    return judged(faults)
  }
}

const typed = (type: string, status: number): Row => [
  type,
  status,
  (probe) => post(probe, { headers: { 'content-type': type } }),
]
const bodied = (say: string, status: number, body: string | Uint8Array | ((probe: Probe) => string)): Row => [
  say,
  status,
  (probe) => post(probe, { body: typeof body === 'function' ? body(probe) : body }),
]

const keyless: readonly (readonly [string, Record<string, string>])[] = [
  ['no key', { authorization: '' }],
  ['Basic', { authorization: 'Basic eDp4' }],
  ['an unknown key', { authorization: `Bearer ${unknownKey()}` }],
]

function unknownKey() {
  return `sk-${'unknown0'.repeat(5)}9f3c`
}

const keys: Check = {
  id: 'T2',
  title: 'without a valid key there is no answer',
  contract: 'C2, C91',
  async run(probe) {
    const faults: string[] = []
    let open = 0
    for (const [say, headers] of keyless) {
      const answer = await post(probe, { headers: { ...json, ...headers } })
      if (answer.status === 200) open++
      if (answer.status !== 401) faults.push(`${say}: ${saidStatus(answer)} instead of 401`)
      else if (answer.headers['www-authenticate'] === undefined) faults.push(`${say}: 401 without WWW-Authenticate`)
      if (answer.text.includes(unknownKey())) faults.push('the error repeats the whole key')
    }
    return open === keyless.length ? notOffered('it asks for no key') : judged(faults)
  },
}

const paths: Check = {
  id: 'T1',
  title: 'the endpoint answers with /v1, without it, and under /beta',
  contract: 'C1',
  async run(probe) {
    const missing: string[] = []
    for (const path of ['', '/v1', '/beta']) {
      const answer = await post(probe, { root: true }, path + chat)
      if (answer.status !== 200) missing.push(`${path}${chat}: ${saidStatus(answer)}`)
    }
    return missing.length === 0 ? kept : notOffered(missing.join('; '))
  },
}

const requestIds: Check = {
  id: 'C6',
  title: 'every response has an x-request-id of its own',
  contract: 'C6',
  async run(probe) {
    const answers = [
      await post(probe, {}),
      await post(probe, {}),
      await post(probe, { body: '[]' }),
      await probe.send('/no-such-path'),
    ]
    const ids = answers.map((answer) => answer.headers['x-request-id'])
    if (ids.every((id) => id === undefined)) return broken('no response has one')
    if (ids.includes(undefined)) return broken('errors have none')
    return new Set(ids).size === ids.length ? kept : broken('two responses have the same')
  },
}

const headers: Check = {
  id: 'C7',
  title: 'answers say what they are: JSON, or an event stream that nobody caches',
  contract: 'C7',
  async run(probe) {
    const whole = await probe.chat({ ...probe.survey.quiet, max_tokens: 4 })
    const stream = await probe.chat({ ...probe.survey.quiet, max_tokens: 4, stream: true })
    const type = String(whole.headers['content-type'])
    return judged([
      ...(type.startsWith('application/json') ? [] : [`an answer is ${type}`]),
      ...(isStream(stream) ? [] : [`a stream is ${stream.headers['content-type']}`]),
      ...(/no-cache|no-store/.test(String(stream.headers['cache-control'])) ? [] : ['a stream may be cached']),
      ...(stream.headers['x-accel-buffering'] === 'no' ? [] : ['a stream has no X-Accel-Buffering: no']),
    ])
  },
}

const wrongMethod: Check = {
  id: 'T5',
  title: 'GET is answered with 405 and what is allowed',
  contract: 'C5',
  async run(probe) {
    const answer = await probe.send(chat)
    if (answer.status !== 405) return broken(`${saidStatus(answer)} instead of 405`)
    return String(answer.headers.allow).includes('POST') ? kept : broken(`Allow is ${shown(answer.headers.allow)}`)
  },
}

const silence: Check = {
  id: 'T95',
  title: 'a client never waits longer than 5 seconds without a byte',
  contract: 'C101, C104',
  async run(probe) {
    // Answers of this run are what is looked at; a few of the longer ones are made sure of.
    await probe.chat({ ...probe.survey.quiet, max_tokens: probe.survey.room, stream: true })
    const longest = Math.max(...probe.answers.map((answer) => answer.silenceMs))
    if (longest > keepaliveMs * 1.1) return broken(`${(longest / 1000).toFixed(1)} s of silence`)
    return cannotTell(`no answer took that long (${(longest / 1000).toFixed(1)} s at most)`)
  },
}
const keepaliveMs = 5_000

export const transport: Area = {
  name: 'Transport',
  checks: [
    paths,
    keys,
    wrongMethod,
    {
      id: 'T6',
      title: 'an unknown path is 404',
      contract: 'C5',
      run: statuses([['/chat/completion', 404, (probe) => post(probe, {}, '/chat/completion')]]),
    },
    {
      id: 'T7',
      title: 'what is not JSON by its own words is 415',
      contract: 'C3',
      run: statuses([
        typed('text/plain', 415),
        typed('application/x-www-form-urlencoded', 415),
        typed('application/json; charset=latin1', 415),
        ['gzip', 415, (probe) => post(probe, { headers: { ...json, 'content-encoding': 'gzip' } })],
      ]),
    },
    {
      id: 'T8',
      title: 'JSON is taken without a Content-Type, and with charset=UTF-8',
      contract: 'C3',
      run: statuses([
        ['no Content-Type', 200, (probe) => post(probe, { headers: {} })],
        typed('application/json; charset=UTF-8', 200),
      ]),
    },
    {
      id: 'T9',
      title: 'a body that is no JSON object is 400',
      contract: 'C10',
      run: statuses(['', '{"model":', '[]', '"x"', 'null'].map((body) => bodied(shown(body), 400, body))),
    },
    {
      id: 'T10',
      title: 'broken UTF-8 is 400, a byte order mark is skipped',
      contract: 'C4',
      run: statuses([
        [
          'the byte 0xFF',
          400,
          (probe) => {
            const text = JSON.stringify({ ...small(probe), user: 'X' })
            return post(probe, { body: Buffer.from(text).map((byte) => (byte === 0x58 ? 0xff : byte)) })
          },
        ],
        bodied('a byte order mark', 200, (probe) => `\uFEFF${JSON.stringify(small(probe))}`),
      ]),
    },
    {
      id: 'T12',
      title: 'nesting without end is 400, __proto__ is plain data',
      contract: 'C4',
      run: statuses([
        bodied('nested 1,000 deep', 400, (probe) => {
          const deep = `${'['.repeat(1_000)}${']'.repeat(1_000)}`
          return `${JSON.stringify(small(probe)).slice(0, -1)},"foo":${deep}}`
        }),
        bodied(
          '__proto__',
          200,
          (probe) => `${JSON.stringify(small(probe)).slice(0, -1)},"__proto__":{"stream":true}}`,
        ),
      ]),
    },
    requestIds,
    headers,
    silence,
  ],
}
