/**
 * People and scripts who look at the console without a pause, in a process of its own: admin-load.ts JSON. It ends when its input
 * does, and prints how often and how long each question was answered.
 */
import { connect } from 'node:net'
import { getPriority, setPriority } from 'node:os'
import { at } from './report.ts'

export interface AdminLoad {
  readonly port: number
  /** The secret of an admin key. */
  readonly secret: string
  readonly clients: number
}

export interface Answered {
  readonly question: string
  readonly answers: number
  /** Milliseconds. */
  readonly p50: number
  readonly p95: number
  readonly failures: number
}

const dayMs = 24 * 60 * 60_000
const since = (days: number): string => new Date(Date.now() - days * dayMs).toISOString().slice(0, 10)

/** What each client asks in turn, from a place of its own in the list. */
const questions: Readonly<Record<string, () => string>> = {
  overview: () => '/admin/overview',
  'requests, newest': () => '/admin/requests',
  'requests of a tenant that failed': () => '/admin/requests?tenant=tenant-1&failed=true',
  'requests of a user': () => `/admin/requests?user=user-${Math.floor(Date.now() / 100) % 500}`,
  'usage, 7 days by hour and model': () => `/admin/usage?step=hour&groupBy=model&from=${since(7)}`,
  'usage, 90 days by day and key': () => `/admin/usage?groupBy=key&from=${since(90)}`,
  'usage, 90 days by day and user': () => `/admin/usage?groupBy=user&from=${since(90)}`,
  keys: () => '/admin/keys',
  tenants: () => '/admin/tenants',
  'end users': () => '/admin/end-users',
  'usage, exported by day and user': () => `/admin/usage/export?groupBy=user&from=${since(90)}`,
  'requests, an export of two days': () => `/admin/requests/export?from=${since(3)}&to=${since(1)}`,
}

// The load that is measured must not wait for this one.
setPriority(Math.min(19, getPriority() + 5))
const { port, secret, clients } = JSON.parse(process.argv[2] ?? '') as AdminLoad
const times = new Map<string, number[]>()
let failures = 0
let isOver = false
process.stdin.once('end', () => {
  isOver = true
})
process.stdin.resume()

/** Reads the answer and looks at no more than its status. @returns whether it was 200 */
const ask = (path: string): Promise<boolean> =>
  new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1' })
    let status = ''
    socket.on('data', (part: Buffer) => {
      if (status === '') status = part.toString('latin1', 9, 12)
    })
    socket.once('error', reject).once('close', () => resolve(status === '200'))
    const headers = `Host: localhost\r\nAuthorization: Bearer ${secret}\r\nConnection: close`
    socket.write(`GET ${path} HTTP/1.1\r\n${headers}\r\n\r\n`)
  })

const names = Object.keys(questions)
await Promise.all(
  Array.from({ length: clients }, async (_, client) => {
    for (let turn = client * 3; !isOver; turn++) {
      const name = names[turn % names.length] ?? ''
      const began = performance.now()
      if (!(await ask(questions[name]?.() ?? '/'))) failures++
      times.set(name, [...(times.get(name) ?? []), performance.now() - began])
    }
  }),
)
const rounded = (sorted: readonly number[], share: number) => Math.round(at(sorted, share) || 0)
const answered = names.map((question): Answered => {
  const own = (times.get(question) ?? []).toSorted((a, b) => a - b)
  return { question, answers: own.length, p50: rounded(own, 0.5), p95: rounded(own, 0.95), failures }
})
console.log(JSON.stringify(answered))
