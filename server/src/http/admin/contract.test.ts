import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { z } from 'zod'
import type { Operation } from './contract/operation.ts'
import { operations } from './contract.ts'
import { openApi } from './openapi.ts'

const table = Object.entries<Operation>(operations)

test('every operation has an id of its own', () => {
  const ids = table.map(([, { id }]) => id)
  expect(new Set(ids).size).toBe(ids.length)
})

test.each(table)('%s says what stands in its path, and nothing else', (name, { params }) => {
  const braces = [...name.matchAll(/\{(\w+)\}/g)].map(([, param]) => param)
  expect(Object.keys(params?.shape ?? {})).toEqual(braces)
})

test.each(table)('%s says what each wrong field is, and takes no unknown ones', (name, { query, body }) => {
  expect(query?.safeParse({ nonsense: 1 }).success ?? false).toBe(false)
  if (body && !name.endsWith('/chat/completions')) expect(body.safeParse({ nonsense: 1 }).success).toBe(false)
})

test('the document names each operation, and all that it refers to is there', () => {
  const text = JSON.stringify(openApi())
  for (const [, { id }] of table) expect(text).toContain(`"operationId":"${id}"`)
  const { schemas } = (openApi() as { components: { schemas: object } }).components
  for (const [, name = ''] of text.matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g))
    expect(schemas).toHaveProperty(name)
  expect(text).not.toContain('$defs')
})

test('members of an answer that are not described yet are none of a script’s business', () => {
  for (const [name, { answer }] of table)
    if (typeof answer !== 'string')
      expect(z.toJSONSchema(answer, { io: 'input' }), name).not.toHaveProperty('additionalProperties', false)
})

/** After a change of the table: `npx tidegate schema --admin > docs/admin-api.json && npm run format`. */
test('the document that is published says what the table says', () => {
  const published = readFileSync(join(import.meta.dirname, '../../../../docs/admin-api.json'), 'utf8')
  expect(JSON.parse(published)).toEqual(JSON.parse(JSON.stringify(openApi())))
})
