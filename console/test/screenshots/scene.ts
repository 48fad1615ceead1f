/** A service that looks used: tenants, keys, two months of requests in the ledger and in the log, engines that are well and one that is not. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AnswerOf, BodyOf, OperationName } from '../../../server/src/http/admin/contract.ts'
import { type Ledger, openLedger } from '../../../server/src/ledger/ledger.ts'
import { costOf, type Price } from '../../../server/src/ledger/money.ts'
import { findPrice } from '../../../server/src/ledger/prices.ts'
import type { LogEntry } from '../../../server/src/request-log/entry.ts'
import { recordingsOf } from '../../../server/src/request-log/recording.ts'
import { openLogWriter } from '../../../server/src/request-log/writer.ts'
import { openStorage, type Storage } from '../../../server/src/storage/storage.ts'
import { listen, patient } from '../../../server/test/doubles/replies.ts'
import { type Manner, server } from '../../../server/test/doubles/voice.ts'
import { voices } from '../../../server/test/doubles/voices.ts'
import { type RunningService, startProcess } from '../../../server/test/process.ts'
import { administrator } from '../fixture.ts'
import { type Asker, requestsUntil, resumedRequest } from './requests.ts'

/** A Friday afternoon. */
export const sceneAt = Date.UTC(2026, 10, 27, 15, 42)

const dayMs = 24 * 60 * 60_000
const ports = { 'gpu-1': 18_411, 'gpu-2': 18_412, 'qwen-1': 18_413, 'qwen-2': 18_414 }

const config = `
models:
  - id: deepseek-v4-flash
    aliases: [{ name: deepseek-chat, thinking: disabled }, { name: deepseek-reasoner, thinking: enabled }]
    engines: [gpu-1, gpu-2]
    price: { inputPerMillion: 0.14, cachedInputPerMillion: 0.028, outputPerMillion: 0.42, currency: USD }
  - id: qwen3-8b
    engines: [{ engine: qwen-1, weight: 2 }, qwen-2]
    price: { inputPerMillion: 0.05, cachedInputPerMillion: 0.01, outputPerMillion: 0.15, currency: USD }
  - { id: tidegate-demo, engines: [demo] }
engines:
  - { id: gpu-1, kind: sglang, url: "http://127.0.0.1:${ports['gpu-1']}", model: deepseek-ai/DeepSeek-V4-Flash, face: chat, contextWindow: 131072, maxOutput: 32768 }
  - { id: gpu-2, kind: sglang, url: "http://127.0.0.1:${ports['gpu-2']}", model: deepseek-ai/DeepSeek-V4-Flash, face: chat, contextWindow: 131072, maxOutput: 32768 }
  - { id: qwen-1, kind: vllm, url: "http://127.0.0.1:${ports['qwen-1']}", model: Qwen/Qwen3-8B, face: chat, contextWindow: 32768, maxOutput: 8192 }
  - { id: qwen-2, kind: vllm, url: "http://127.0.0.1:${ports['qwen-2']}", model: Qwen/Qwen3-8B, face: chat, contextWindow: 32768, maxOutput: 8192 }
  - { id: demo, kind: llama, path: "${join(import.meta.dirname, '../../../models/demo/tidegate-demo.gguf')}" }
log: { record: all, retentionDays: 90 }
`

/** As fast as people read it. */
const leisurely: Manner = { stream: (events) => events.flatMap((event, i) => [i === 0 ? 180 : 22, event]) }

export interface Scene {
  readonly service: RunningService
  /** Of what the pages open. */
  readonly ids: { readonly key: string; readonly request: string; readonly failed: string }
  close(): Promise<void>
}

export async function openScene(): Promise<Scene> {
  const folder = mkdtempSync(join(tmpdir(), 'tidegate-scene-'))
  const file = join(folder, 'tidegate.yaml')
  writeFileSync(file, config)
  const doubles = await Promise.all(
    (['gpu-1', 'gpu-2', 'qwen-1'] as const).map((id) =>
      listen(patient(id === 'qwen-1' ? server(voices.vllm, leisurely) : server(voices.sglang)), { port: ports[id] }),
    ),
  )
  const service = await startProcess(['--config', file, '--port', '18410'], {
    TIDEGATE_ADMIN_PASSWORD: administrator.password,
    NODE_OPTIONS: `--import=${new URL('./clock.ts', import.meta.url).href}`,
    TIDEGATE_SCENE_AT: String(sceneAt),
  })
  // Also when a defect here ends all of it.
  process.once('exit', () => service.process.kill())
  const close = async () => {
    await service.stop()
    for (const double of doubles) double.close()
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    return { service, ids: await furnish(service), close }
  } catch (error) {
    await close()
    throw error
  }
}

const tenants = {
  default: 'Platform team',
  acme: 'Acme Support',
  globex: 'Globex Research',
} as const

/** Which keys are limited and counted together. */
const projects: readonly (BodyOf<'POST /admin/projects'> & { readonly of: readonly string[] })[] = [
  {
    name: 'Engineering',
    tenant: 'default',
    limits: { budget: { month: '40' } },
    of: ['code review', 'nightly evaluation'],
  },
  { name: 'Customer care', tenant: 'acme', limits: { requestsPerMinute: 90 }, of: ['help centre', 'mail triage'] },
]

/** Keys by their names, with what their programs do. */
const keys: readonly (Omit<BodyOf<'POST /admin/keys'>, 'expiresAt'> &
  Partial<Omit<Asker, 'key' | 'tenant' | 'project'>> & { readonly age: number; readonly expires?: number })[] = [
  {
    name: 'docs assistant',
    age: 61,
    model: 'deepseek-v4-flash',
    perDay: 64,
    promptTokens: 2_900,
    completionTokens: 420,
    cachedShare: 0.7,
    thinking: false,
    streamed: true,
    toolShare: 0.04,
    users: 90,
  },
  {
    name: 'code review',
    age: 48,
    model: 'deepseek-v4-flash',
    perDay: 34,
    promptTokens: 5_200,
    completionTokens: 1_350,
    cachedShare: 0.42,
    thinking: true,
    streamed: true,
    toolShare: 0.22,
    users: 24,
    limits: { concurrency: 8 },
  },
  {
    name: 'nightly evaluation',
    age: 40,
    model: 'qwen3-8b',
    perDay: 70,
    promptTokens: 900,
    completionTokens: 260,
    cachedShare: 0.3,
    thinking: false,
    streamed: false,
    toolShare: 0,
    users: 0,
    nightly: true,
    models: ['qwen3-8b'],
    limits: { budget: { day: '5' } },
  },
  {
    name: 'try-outs',
    age: 20,
    model: 'tidegate-demo',
    perDay: 6,
    promptTokens: 28,
    completionTokens: 24,
    cachedShare: 0.2,
    thinking: true,
    streamed: true,
    toolShare: 0.2,
    users: 0,
    expires: 10,
  },
  { name: 'laptop of Mira', age: 58 },
  {
    name: 'help centre',
    tenant: 'acme',
    age: 60,
    model: 'deepseek-v4-flash',
    perDay: 88,
    promptTokens: 1_700,
    completionTokens: 240,
    cachedShare: 0.78,
    thinking: false,
    streamed: true,
    toolShare: 0.09,
    users: 420,
    limits: { requestsPerMinute: 60, userConcurrency: 2 },
  },
  {
    name: 'mail triage',
    tenant: 'acme',
    age: 33,
    model: 'qwen3-8b',
    perDay: 52,
    promptTokens: 1_100,
    completionTokens: 70,
    cachedShare: 0.55,
    thinking: false,
    streamed: false,
    toolShare: 0,
    users: 0,
    models: ['qwen3-8b'],
  },
  {
    name: 'paper search',
    tenant: 'globex',
    age: 51,
    model: 'deepseek-v4-flash',
    perDay: 22,
    promptTokens: 8_400,
    completionTokens: 900,
    cachedShare: 0.25,
    thinking: true,
    streamed: true,
    toolShare: 0.3,
    users: 12,
    limits: { budget: { month: '120' } },
    expires: 40,
  },
]

async function furnish(service: RunningService): Promise<Scene['ids']> {
  const ask = await signedIn(service)
  const storage = await openStorage({ data: service.data })
  try {
    for (const [id, name] of Object.entries(tenants))
      if (id === 'default') await ask('PATCH /admin/tenants/{tenant}', { tenant: id }, { name })
      else await ask('POST /admin/tenants', {}, { id, name })
    const projectOf = new Map<string, string>()
    for (const { of, ...project } of projects) {
      const { id } = await ask('POST /admin/projects', {}, project)
      for (const key of of) projectOf.set(key, id)
    }
    const made = new Map<string, string>()
    const askers: Asker[] = []
    let triage = ''
    for (const { name, tenant = 'default', models, limits, age, expires, ...asker } of keys) {
      const expiresAt = expires === undefined ? null : new Date(sceneAt + expires * dayMs).toISOString()
      const project = projectOf.get(name)
      const { key, secret } = await ask('POST /admin/keys', {}, { name, tenant, project, models, limits, expiresAt })
      await storage.db
        .updateTable('api_keys')
        .set({ created_at: sceneAt - age * dayMs })
        .where('id', '=', key.id)
        .execute()
      made.set(name, key.id)
      if (name === 'mail triage') triage = secret
      if (asker.perDay !== undefined)
        askers.push({
          ...(asker as Omit<Asker, 'key' | 'tenant' | 'project'>),
          key: key.id,
          tenant,
          project: project ?? null,
        })
    }
    await ask('POST /admin/keys/{id}/revoke', { id: made.get('laptop of Mira') ?? '' })
    for (const person of [
      { name: 'mira', role: 'administrator' },
      { name: 'jonas', role: 'member', tenant: 'acme' },
      { name: 'li.wei', role: 'member', tenant: 'globex' },
    ] as const)
      await ask('POST /admin/people', {}, { ...person, password: `the password of ${person.name}` })
    await ask('POST /admin/admin-keys', {}, { name: 'backup job', role: 'administrator' })
    await ask('POST /admin/admin-keys', {}, { name: 'billing export', role: 'member', tenant: 'acme' })
    await spread(storage)
    const shown = await use(storage, askers)
    await ask(
      'PATCH /admin/tenants/{tenant}',
      { tenant: 'acme' },
      { prepaid: true, limits: { budget: { month: '60' }, tokensPerMinute: 400_000 } },
    )
    await ask('PUT /admin/tenants/{tenant}/blocked-users/{userId}', { tenant: 'acme', userId: 'u-1017' })
    await notice(service, triage)
    return { key: made.get('help centre') ?? '', ...shown }
  } finally {
    await storage.close()
  }
}

/** Asks the admin API as the console does. @throws when it is refused, with what was said */
async function signedIn({ client: { origin } }: RunningService) {
  let cookie = ''
  const ask = async <N extends OperationName>(
    name: N,
    params: Readonly<Record<string, string>> = {},
    body?: unknown,
  ) => {
    const [method = '', path = ''] = name.split(' ')
    const response = await fetch(
      `${origin}${path.replaceAll(/\{(\w+)\}/g, (_, param: string) => params[param] ?? '')}`,
      {
        method,
        headers: {
          'x-tidegate-console': '1',
          cookie,
          ...(body !== undefined && { 'content-type': 'application/json' }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      },
    )
    const text = await response.text()
    if (!response.ok) throw new Error(`${name}: ${text}`)
    cookie ||= response.headers.getSetCookie()[0]?.split(';')[0] ?? ''
    return (text === '' ? undefined : JSON.parse(text)) as AnswerOf<N>
  }
  await ask('POST /admin/session', {}, administrator)
  return ask
}

/** What was just done was done over some weeks. */
async function spread({ db }: Storage): Promise<void> {
  await db
    .updateTable('tenants')
    .set({ created_at: sceneAt - 62 * dayMs })
    .execute()
  await db
    .updateTable('people')
    .set({ created_at: sceneAt - 62 * dayMs })
    .execute()
  await db
    .updateTable('people')
    .set({ last_sign_in_at: sceneAt - 0.9 * dayMs })
    .where('name', '=', 'mira')
    .execute()
  await db
    .updateTable('people')
    .set({ last_sign_in_at: sceneAt - 3.2 * dayMs })
    .where('name', '=', 'jonas')
    .execute()
  await db
    .updateTable('admin_keys')
    .set({ created_at: sceneAt - 44 * dayMs, last_used_at: sceneAt - 0.5 * dayMs })
    .execute()
  const lines = await db.selectFrom('audit_trail').select(['id', 'operation']).orderBy('at').orderBy('id').execute()
  for (const [i, { id }] of lines.entries())
    await db
      .updateTable('audit_trail')
      .set({ at: sceneAt - Math.round((lines.length - i) ** 1.6 * 0.35 * dayMs) })
      .where('id', '=', id)
      .execute()
}

/** All requests, in the ledger and in the log, as they would stand there. @returns which of them are worth a look */
async function use(storage: Storage, askers: readonly Asker[]): Promise<{ request: string; failed: string }> {
  const [first] = askers.filter(({ thinking, model }) => thinking && model === 'deepseek-v4-flash')
  if (!first) throw new Error('Nobody thinks.')
  const resumed = resumedRequest(sceneAt - 95_000, first, 'req_5f0c1d7e92ab48d6b3e01c74')
  const entries = [...requestsUntil(sceneAt - 20_000, askers), resumed].toSorted(
    (a, b) => a.at + a.durationMs - b.at - b.durationMs,
  )
  const prices = await pricesByModel(storage)
  const charged = entries.map((entry) => priced(entry, prices.get(entry.model)))
  const ledger = await openLedger(storage.place)
  try {
    for (const [tenant, amount, days] of [
      ['acme', 40, 60],
      ['acme', 25, 31],
      ['globex', 50, 51],
      ['acme', 25, 6],
    ] as const)
      await ledger.topUp({
        tenant,
        at: sceneAt - days * dayMs,
        amount: BigInt(amount) * 1_000_000n,
        note: `invoice ${2_120 - days}`,
      })
    await charge(ledger, charged)
  } finally {
    await ledger.close()
  }
  await writeLog(storage, charged)
  for (const { key } of askers) {
    const last = charged.findLast((entry) => entry.key === key)
    if (last) await storage.db.updateTable('api_keys').set({ last_used_at: last.at }).where('id', '=', key).execute()
  }
  return { request: resumed.id, failed: charged.findLast(({ status }) => status === 429)?.id ?? '' }
}

async function pricesByModel(storage: Storage): Promise<ReadonlyMap<string, Price>> {
  const rows = await storage.read.selectFrom('prices').select(['id', 'model']).execute()
  const found = await Promise.all(rows.map(async ({ id, model }) => [model, await findPrice(storage, id)] as const))
  return new Map(found.flatMap(([model, price]) => (price ? [[model, price] as const] : [])))
}

const priced = (entry: LogEntry, price: Price | undefined): LogEntry =>
  price === undefined
    ? entry
    : { ...entry, cost: costOf(entry.usage, price), detail: { ...entry.detail, price: price.id } }

/** One after the other for each tenant; together they share the transactions of the ledger's writer. */
async function charge(ledger: Ledger, entries: readonly LogEntry[]): Promise<void> {
  const served = entries.filter(({ usage }) => usage.promptTokens > 0)
  for (let from = 0; from < served.length; from += 400) {
    const some = served.slice(from, from + 400)
    await Promise.all(
      some.map(({ id, tenant, project, key, userId, model, at, detail, usage }) =>
        ledger.hold({
          request: id,
          tenant,
          ...(project !== null && { project: { id: project, limits: {} } }),
          key,
          user: userId,
          model,
          at,
          price: detail.price,
          promptTokensMax: usage.promptTokens,
          maxTokens: usage.completionTokens,
          limits: {},
        }),
      ),
    )
    await Promise.all(
      some.map(({ id, at, durationMs, usage, outcome }) =>
        ledger.settle({ request: id, at: at + durationMs, usage, outcome }),
      ),
    )
  }
}

async function writeLog(storage: Storage, entries: readonly LogEntry[]): Promise<void> {
  let now = 0
  const writer = openLogWriter(
    storage.db,
    { requestsMs: 90 * dayMs, recordingsMs: 7 * dayMs, auditMs: Infinity, sumsMs: 100 * dayMs },
    recordingsOf(storage.secret).seal,
    () => now,
  )
  for (let from = 0; from < entries.length; from += 100) {
    const some = entries.slice(from, from + 100)
    now = Math.max(...some.map(({ at, durationMs }) => at + durationMs))
    await writer.write(some)
  }
}

/** A few real requests, by which it is found out that an engine is away. */
async function notice(service: RunningService, secret: string): Promise<void> {
  const body = { model: 'qwen3-8b', stream: true, messages: [{ role: 'user', content: 'Hello!' }] }
  for (let i = 0; i < 3; i++) await service.client.post(body, { headers: { authorization: `Bearer ${secret}` } })
}
