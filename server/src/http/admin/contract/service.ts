import { z } from 'zod'
import { amount, type Operations, ofTenant, pageOf, paging, since, tenantId, time } from './operation.ts'

const overview = z
  .object({
    version: z.string(),
    startedAt: time,
    baseUrl: z.string().describe('Where clients send their requests, e.g. `https://tidegate.example.org/v1`.'),
    currency: z.string(),
    well: z.boolean().describe('Some model can answer.'),
    standIns: z
      .array(z.object({ model: z.string(), standIn: z.string() }))
      .describe('Models whose answers are a demo.'),
    recording: z.object({
      on: z.boolean().describe('Prompts and answers are kept.'),
      keptDays: z.int().nullable(),
    }),
    now: z
      .object({
        running: z.int().describe('Answers that are being made.'),
        requestsPerMinute: z.number(),
        errorsPerMinute: z.number(),
        tokensPerMinute: z.number(),
        firstTokenP50: z.int().nullable(),
        firstTokenP95: z.int().nullable(),
      })
      .describe('Over the last five minutes; of a member: of its own tenant.'),
  })
  .meta({ id: 'Overview' })

export const model = z
  .object({
    id: z.string(),
    name: z.string(),
    aliases: z.array(z.object({ name: z.string(), thinking: z.boolean().nullable() })),
    standIn: z.string().nullable().describe('The demo model that answers in its place.'),
    well: z.boolean(),
    thinkingByDefault: z.boolean(),
    canThink: z.boolean(),
    canLogprobs: z.boolean(),
    contextWindow: z.int(),
    maxOutput: z.int(),
    price: z
      .object({
        currency: z.string(),
        inputPerMillion: amount,
        cachedInputPerMillion: amount,
        outputPerMillion: amount,
      })
      .nullable(),
    replicas: z.array(z.object({ engine: z.string(), weight: z.number(), well: z.boolean() })),
  })
  .meta({ id: 'Model' })

const verdict = z.enum(['kept', 'broken', 'cannot-tell', 'not-offered'])
const column = z.enum(['direct', 'through'])
const tally = z.record(verdict, z.int())
const found = z.object({ verdict, reason: z.string().optional(), ms: z.int(), requests: z.int() })

/** As `tidegate check --json` writes it. `direct` is the engine itself, `through` the same with Tidegate in front. */
export const conformance = z
  .object({
    format: z.literal(1),
    version: z.string(),
    startedAt: time,
    durationMs: z.int(),
    complete: z.boolean(),
    target: z.object({
      url: z.string().optional(),
      model: z.string(),
      engine: z.string().optional(),
      kind: z.string().optional(),
    }),
    columns: z.array(column),
    summary: z.partialRecord(column, tally),
    checks: z.array(
      z.object({
        id: z.string(),
        area: z.string(),
        title: z.string(),
        contract: z.string(),
        direct: found.optional(),
        through: found.optional(),
      }),
    ),
  })
  .meta({ id: 'ConformanceReport' })

const engine = z
  .object({
    id: z.string(),
    kind: z.string(),
    face: z.enum(['chat', 'raw', 'embedded']).describe('How it is used.'),
    url: z.string().nullable().describe('Without a user, a password or a key; null: embedded.'),
    model: z.string().describe('The name of the model there, or the name of its file.'),
    models: z.array(z.string()).describe('The public models that it answers for.'),
    state: z
      .enum(['well', 'starting', 'draining', 'left-alone', 'down'])
      .describe('`draining`: it takes nothing new, and is about to stop or was taken out.'),
    drained: z.boolean().describe('It was taken out by `POST /admin/engines/{id}/drain`.'),
    breaker: z.object({
      state: z.enum(['closed', 'half-open', 'open']),
      cause: z.enum(['away', 'sick', 'busy', 'denied']).nullable(),
      retryInMs: z.int().nullable(),
    }),
    slots: z.int(),
    running: z.int().describe('Requests of ours that it works on.'),
    waiting: z.int().describe('Requests of ours in its line.'),
    others: z.int().describe('Requests of others there, as far as it tells.'),
    contextWindow: z.int(),
    maxOutput: z.int(),
    canThink: z.boolean(),
    canLogprobs: z.boolean(),
    lastErrors: z
      .array(z.object({ at: time, code: z.string(), message: z.string(), requestId: z.string().nullable() }))
      .describe('The latest first, without credentials and prompts.'),
    check: z
      .object({ at: time, summary: conformance.shape.summary, complete: z.boolean() })
      .nullable()
      .describe('What its last conformance check found.'),
    checking: z.boolean(),
  })
  .meta({ id: 'Engine' })

const checkState = z.object({
  running: z
    .object({
      startedAt: time,
      column,
      done: z.int(),
      total: z.int(),
      current: z.string().describe('What is being checked.'),
    })
    .nullable(),
  error: z.string().nullable().describe('Why the last check came to nothing.'),
  report: conformance.nullable().describe('The last report.'),
})

const byId = z.object({ id: z.string() })

/** What people do, and scripts: never passwords, keys or prompts. */
export const auditLine = z
  .object({
    id: z.string(),
    at: time,
    actor: z.object({
      kind: z.enum(['person', 'key', 'nobody', 'server']),
      id: z.string().nullable(),
      name: z.string(),
    }),
    operation: z.string().describe('The id of the operation, such as `createKey`.'),
    tenant: tenantId.nullable(),
    subject: z.string().nullable().describe('What it was done to.'),
    outcome: z.enum(['done', 'refused']),
    detail: z.record(z.string(), z.unknown()),
    address: z.string().nullable(),
  })
  .meta({ id: 'AuditLine' })

export const serviceOperations = {
  'GET /admin/overview': {
    id: 'overview',
    summary: 'Is the service well, and how much does it have to do?',
    may: 'member',
    answer: overview,
  },
  'GET /admin/models': {
    id: 'listModels',
    summary: 'What is served, and whether it can answer.',
    may: 'member',
    answer: z.object({ items: z.array(model) }),
  },
  'GET /admin/engines': {
    id: 'listEngines',
    summary: 'Who answers: health, load, breakers, last errors.',
    may: 'administrator',
    answer: z.object({
      items: z.array(engine),
      seenFrom: z
        .string()
        .nullable()
        .describe(
          'The machine whose gateway sees them so; others on the same PostgreSQL see for themselves. Null: no others.',
        ),
    }),
  },
  'GET /admin/engines/{id}/check': {
    id: 'getCheck',
    summary: 'The last conformance report of an engine, and how far a running check is.',
    may: 'administrator',
    params: byId,
    answer: checkState,
  },
  'POST /admin/engines/{id}/check': {
    id: 'startCheck',
    summary: 'Begin a conformance check of an engine. It sends some 400 small requests, one after the other.',
    may: 'administrator',
    params: byId,
    status: 202,
    answer: checkState,
  },
  'DELETE /admin/engines/{id}/check': {
    id: 'stopCheck',
    summary: 'End a running check; what it found so far is its report.',
    may: 'administrator',
    params: byId,
    status: 204,
    answer: 'nothing',
  },
  'POST /admin/engines/{id}/drain': {
    id: 'drainEngine',
    summary:
      'Take an engine out: it gets no new requests, and open answers go on elsewhere where an engine can, else they are finished there. Counts for this gateway, until it ends.',
    may: 'administrator',
    params: byId,
    status: 204,
    answer: 'nothing',
  },
  'DELETE /admin/engines/{id}/drain': {
    id: 'undrainEngine',
    summary: 'Take an engine back: it gets requests again.',
    may: 'administrator',
    params: byId,
    status: 204,
    answer: 'nothing',
  },
  'POST /admin/chat/completions': {
    id: 'playground',
    summary:
      'As `POST /v1/chat/completions`, streaming and errors included, on the account of a tenant under its key `console`.',
    may: 'member',
    query: z.strictObject({ tenant: tenantId.optional().describe('Default: `default`. Members: their own.') }),
    body: z.looseObject({}),
    answer: 'completion',
    audited: false,
  },
  'GET /admin/audit': {
    id: 'listAudit',
    summary: 'Who changed what, newest first.',
    may: 'administrator',
    query: z.strictObject({
      ...ofTenant,
      actor: z.string().max(128).optional().describe('The id or the name of a person or an admin key.'),
      operation: z.string().max(64).optional(),
      from: since.optional(),
      to: since.optional(),
      ...paging,
    }),
    answer: pageOf(auditLine),
  },
} as const satisfies Operations
