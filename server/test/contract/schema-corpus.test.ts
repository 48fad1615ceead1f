import { Ajv2020 } from 'ajv/dist/2020.js'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { bodyB, chunksOf, errorOf, saidInBody, saidInChunks } from '../client.ts'
import { type RunningService, startProcess } from '../process.ts'
import { generated, type Schema, written } from './schema-corpus.ts'

/**
 * JSON Schema mode over the real engine: whatever a schema asks for, what is released fits it, by a validator that is not ours to
 * tune; or an error says that it cannot be promised; or the answer reached its limit.
 */

let service: RunningService
beforeAll(async () => {
  service = await startProcess()
}, 120_000)
afterAll(async () => {
  await service?.stop()
})

const isDate = (text: string) =>
  /^\d{4}-\d\d-\d\d$/.test(text) && new Date(`${text}T00:00Z`).toISOString().startsWith(text)
const isTime = (text: string) =>
  /^([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?(z|[+-]([01]\d|2[0-3]):[0-5]\d)$/i.test(text)
const ajv = new Ajv2020({
  strict: false,
  formats: {
    date: (text: string) => guarded(() => isDate(text)),
    time: isTime,
    'date-time': (text: string) =>
      guarded(() => isDate(text.slice(0, 10)) && /^[t ]/i.test(text.slice(10)) && isTime(text.slice(11))),
    uuid: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i,
    email: /^[^\s@]+@[^\s@]+$/,
    ipv4: /^((25[0-5]|2[0-4]\d|1?\d?\d)(\.|$)){4}$/,
  },
})
/** `toISOString` throws for what is no date. */
const guarded = (check: () => boolean): boolean => {
  try {
    return check()
  } catch {
    return false
  }
}

type Outcome = 'fits' | 'length' | 'refused' | 'given up'

async function outcomeOf(schema: Schema, seed: number, stream: boolean): Promise<Outcome> {
  const answer = await service.client.post(
    bodyB({
      messages: [{ role: 'user', content: 'Answer with some JSON, as short as you can.' }],
      thinking: { type: 'disabled' },
      temperature: 1,
      max_tokens: 120,
      response_format: { type: 'json_schema', json_schema: { name: 'corpus', schema, strict: true } },
      ...{ seed, stream },
    }),
  )
  if (answer.status === 400) {
    expect(errorOf(answer).param).toBe('response_format.json_schema.schema')
    return 'refused'
  }
  const broken = answer.status === 500 ? errorOf(answer) : undefined
  const chunks = stream && !broken ? chunksOf(answer.text).chunks : []
  const code = broken?.code ?? chunks.find((chunk) => chunk.error)?.error?.code
  if (code !== undefined) {
    expect(['invalid_model_output', 'generation_failed']).toContain(code)
    return 'given up'
  }
  expect(answer.status, answer.text).toBe(200)
  const { content, finishReason } = stream ? saidInChunks(chunks) : saidInBody(answer.text)
  if (finishReason === 'length') return 'length'
  const fits = ajv.compile(schema)
  expect(fits(JSON.parse(content)), `${content} ${ajv.errorsText(fits.errors)}`).toBe(true)
  return 'fits'
}

const corpus: readonly (readonly [string, Schema])[] = [
  ...Object.entries(written),
  ...Array.from({ length: 24 }, (_, seed) => [`generated ${seed}`, generated(seed)] as const),
]
const outcomes: Record<Outcome, string[]> = { fits: [], length: [], refused: [], 'given up': [] }

test.concurrent.each(corpus)('%s', { timeout: 120_000 }, async (name, schema) => {
  const at = corpus.findIndex(([other]) => other === name)
  for (const stream of [true, false]) outcomes[await outcomeOf(schema, at, stream)].push(name)
})

test('most schemas are answered: only contradictions are refused, and few answers are given up', () => {
  expect(new Set(outcomes.refused)).toEqual(new Set(['nothing that fits', 'bounds that contradict']))
  expect(outcomes.fits.length).toBeGreaterThan(corpus.length)
  expect(outcomes['given up'].length, String(outcomes['given up'])).toBeLessThan(corpus.length / 4)
})
