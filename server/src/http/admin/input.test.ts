import { expect, test } from 'vitest'
import { operations } from './contract.ts'
import { AdminError } from './errors.ts'
import { checked, queryReader } from './input.ts'

const refusal = (ask: () => unknown) => {
  try {
    return ask()
  } catch (error) {
    if (error instanceof AdminError) return `${error.param}: ${error.message}`
    throw error
  }
}

const key = operations['POST /admin/keys'].body
test.each([
  [{}, "name: 'name' is missing."],
  [{ name: '  ' }, "name: 'name' must not be empty."],
  [{ name: 5 }, "name: 'name' must be text."],
  [{ name: 'x', nam: 'y' }, "nam: There is no field 'nam'. Did you mean 'name'?"],
  [
    { name: 'x', limits: { budget: { dya: '5' } } },
    "limits.budget.dya: There is no field 'limits.budget.dya'. Did you mean 'day'?",
  ],
  [
    { name: 'x', limits: { concurrency: 0 } },
    "limits.concurrency: 'limits.concurrency' must be a whole number from 1.",
  ],
  [
    { name: 'x', limits: { budget: { day: '1.1234567' } } },
    `limits.budget.day: 'limits.budget.day' must be an amount such as "25" or "0.5", with at most six decimals.`,
  ],
  [{ name: 'x', models: [] }, "models: 'models' must name at least one model."],
  [{ name: 'x', models: ['a', 7] }, "models[1]: 'models[1]' must be text."],
  [{ name: 'x', heartbeat: 'loud' }, "heartbeat: 'heartbeat' must be one of: comment, line, chunk, off."],
  [{ name: 'x', expiresAt: 'tomorrow' }, "expiresAt: 'expiresAt' must be a time such as 2026-11-29T12:00:00Z."],
  [null, ': The request body must be an object.'],
])('%j: %s', (body, expected) => {
  expect(refusal(() => checked(key, body))).toBe(expected)
})

const read = queryReader(operations['GET /admin/usage'].query)
test.each([
  ['/admin/usage', { step: 'day', groupBy: [], top: 20 }],
  ['/admin/usage?groupBy=model,key&step=hour', { step: 'hour', groupBy: ['model', 'key'], top: 20 }],
  ['/admin/usage?groupBy=model&groupBy=key&tenant=', { step: 'day', groupBy: ['model', 'key'], top: 20 }],
  ['/admin/usage?top=5&key=123', { step: 'day', groupBy: [], top: 5, key: '123' }],
  ['/admin/usage?from=2026-11-01', { step: 'day', groupBy: [], top: 20, from: '2026-11-01' }],
  ['/admin/usage?top=many', "top: 'top' must be a number."],
  ['/admin/usage?top=0', "top: 'top' must be at least 1."],
  ['/admin/usage?groupBy=model,color', "groupBy[1]: 'groupBy[1]' must be one of: tenant, project, model, key, user."],
  ['/admin/usage?step=day&step=hour', "step: 'step' is given more than once."],
  ['/admin/usage?from=yesterday', "from: 'from' must be a day or a time such as 2026-11-29 or 2026-11-29T12:00:00Z."],
  ['/admin/usage?grouby=model', "grouby: There is no field 'grouby'. Did you mean 'groupBy'?"],
  ['/admin/usage?__proto__=1&constructor=2', "__proto__: There is no field '__proto__'."],
])('%s: %j', (url, expected) => {
  expect(refusal(() => read(url))).toEqual(expected)
})
