import { z } from 'zod'
import { amount, type Operations, ofTenant, pageOf, paging, since, tenantId, time, tokens } from './operation.ts'

const dimension = z.enum(['tenant', 'project', 'model', 'key', 'user'])

/** What requests are chosen by. */
const filters = {
  ...ofTenant,
  project: z.string().max(64).optional().describe('The id of one.'),
  model: z.string().max(128).optional(),
  key: z.string().max(64).optional(),
  user: z.string().max(512).optional().describe('A `user_id`.'),
  from: since.optional().describe('Inclusive.'),
  to: since.optional().describe('Exclusive. Default: now.'),
}

const counts = z.array(z.int())
const percentile = z.array(z.int().nullable()).describe('Milliseconds; null where nothing was streamed.')

/** One line of each chart. All lists are as long as `times`. */
const series = z
  .object({
    group: z
      .object({
        tenant: z.string().optional(),
        project: z.string().nullable().optional().describe('Its id; null for keys that belong to none.'),
        model: z.string().optional(),
        key: z.string().optional(),
        user: z.string().nullable().optional(),
      })
      .describe('What `groupBy` told apart. Empty where it told nothing apart, and for the rest.'),
    rest: z.boolean().describe('All groups beyond the largest `top`, together.'),
    requests: counts,
    errors: counts,
    errorCodes: z
      .record(z.string(), counts)
      .describe('The errors by their codes; those that were summed up before codes were counted have none.'),
    input: counts.describe('Tokens of prompts, cached ones among them.'),
    cachedInput: counts,
    output: counts.describe('Tokens of answers, reasoning among them.'),
    reasoning: counts,
    cost: z.array(amount),
    firstTokenP50: percentile,
    firstTokenP95: percentile,
    total: z.object({
      requests: z.int(),
      errors: z.int(),
      errorCodes: z.record(z.string(), z.int()),
      tokens,
      cost: amount,
      firstTokenP50: z.int().nullable(),
      firstTokenP95: z.int().nullable(),
    }),
  })
  .meta({ id: 'UsageSeries' })

const outcome = z
  .string()
  .describe('How it ended: `stop`, `length`, `tool_calls`, … or the code of a failure such as `rate_limit_exceeded`.')

/** A line of the request log. */
export const requestLine = z
  .object({
    id: z.string().describe('`x-request-id`.'),
    at: time.describe('When it came.'),
    tenant: tenantId,
    projectId: z.string().nullable(),
    key: z.object({ id: z.string(), name: z.string() }),
    userId: z.string().nullable(),
    model: z.string(),
    engine: z.string().nullable().describe('Which engine gave the answer, or the last one that was tried.'),
    status: z.int().describe('Of HTTP; 499: the client left.'),
    outcome,
    failed: z
      .boolean()
      .describe(
        'It did not come to its end: it was refused, it broke off, or the client left. `status` may be 200 all the same.',
      ),
    streamed: z.boolean(),
    thinking: z.boolean(),
    tokens,
    cost: amount,
    currency: z.string(),
    queuedMs: z.int().nullable(),
    firstTokenMs: z.int().nullable(),
    durationMs: z.int(),
    tokensPerSecond: z.number().nullable(),
    attempts: z.int(),
    recorded: z.boolean().describe('Its prompt and its answer were kept.'),
  })
  .meta({ id: 'RequestLine' })

const attempt = z.object({
  engine: z.string(),
  why: z.string().describe('Why this one: `only`, `prefix`, `load`, `retry`, `last-resort` or `hedge`.'),
  beganMs: z.int(),
  firstTokenMs: z.int().nullable(),
  endedMs: z.int(),
  outcome,
  message: z.string().nullable().describe('What went wrong, without credentials and prompts.'),
  resumed: z
    .object({ phase: z.string(), tokens: z.int() })
    .nullable()
    .describe('It went on with what another engine had written: where that broke off, and after how many tokens.'),
})

export const requestDetail = requestLine
  .extend({
    asked: z.string().nullable().describe('The model as the request named it.'),
    matchedStop: z.string().nullable(),
    error: z.object({ code: z.string(), message: z.string() }).nullable(),
    timeline: z.array(
      z.object({
        atMs: z.int().describe('Since it came.'),
        what: z
          .string()
          .describe(
            '`accepted`, `placed`, `attempt`, `retry`, `resume`, `hedge`, `outraced`, `first-token`, `finished`, …',
          ),
        detail: z.string().nullable(),
      }),
    ),
    tries: z.array(attempt),
    price: z
      .object({
        currency: z.string(),
        inputPerMillion: amount,
        cachedInputPerMillion: amount,
        outputPerMillion: amount,
      })
      .nullable(),
    recording: z
      .object({
        prompt: z.unknown().describe('The body of the request.'),
        answer: z.object({
          reasoning: z.string(),
          text: z.string(),
          toolCalls: z.array(z.object({ id: z.string(), name: z.string(), arguments: z.string() })),
        }),
        keptUntil: time,
      })
      .nullable(),
  })
  .meta({ id: 'RequestDetail' })

const file = { format: z.enum(['csv', 'jsonl']).default('csv') }

const ofRequests = {
  ...filters,
  engine: z.string().max(128).optional(),
  outcome: z.string().max(64).optional(),
  failed: z.boolean().optional().describe('Only those that failed, or only those that did not.'),
  hungUp: z.boolean().optional().describe('Only those whose client left before the end, or only the others.'),
  streamed: z.boolean().optional().describe('Only streams, or only whole answers.'),
  search: z.string().max(128).optional().describe('The beginning of the id.'),
  slowerThanMs: z.int().min(0).optional(),
}

export const usageOperations = {
  'GET /admin/usage': {
    id: 'usage',
    summary: 'What was used through time: the series of the charts.',
    may: 'member',
    query: z.strictObject({
      ...filters,
      step: z
        .enum(['hour', 'day', 'month', 'all'])
        .default('day')
        .describe('UTC. `all`: one number for the whole time.'),
      groupBy: z.array(dimension).max(2).default([]),
      top: z
        .int()
        .min(1)
        .max(100)
        .default(20)
        .describe('So many groups at most, those that used most; the rest is one more.'),
    }),
    answer: z.object({
      from: time,
      to: time,
      currency: z.string(),
      times: z.array(time).describe('Where each step begins.'),
      series: z.array(series),
    }),
  },
  'GET /admin/usage/export': {
    id: 'exportUsage',
    summary: 'The same as a table, with all groups.',
    may: 'member',
    query: z.strictObject({
      ...filters,
      step: z.enum(['hour', 'day', 'month', 'all']).default('day'),
      groupBy: z.array(dimension).max(5).default([]),
      ...file,
    }),
    answer: 'file',
  },
  'GET /admin/requests': {
    id: 'listRequests',
    summary:
      'The log of requests, newest first. What came since is had with `after`. One question looks at 100,000 requests at most: before `next` is null a page may be shorter than its limit, or empty.',
    may: 'member',
    query: z.strictObject({
      ...ofRequests,
      after: z
        .string()
        .max(512)
        .optional()
        .describe('`newest` of an answer before: only what came since, newest first.'),
      ...paging,
    }),
    answer: pageOf(requestLine).extend({
      newest: z.string().nullable().describe('What to send as `after` to follow the log; null while it is empty.'),
    }),
  },
  'GET /admin/requests/export': {
    id: 'exportRequests',
    summary: 'The log of requests as a table, oldest first.',
    may: 'member',
    query: z.strictObject({ ...ofRequests, ...file }),
    answer: 'file',
  },
  'GET /admin/requests/{id}': {
    id: 'getRequest',
    summary: 'One request with its timeline, and with what was said if that was recorded.',
    may: 'member',
    params: z.object({ id: z.string() }),
    answer: requestDetail,
  },
} as const satisfies Operations
