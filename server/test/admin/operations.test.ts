import { expect, test } from 'vitest'
import type { Operation } from '../../src/http/admin/contract/operation.ts'
import { type OperationName, operations } from '../../src/http/admin/contract.ts'
import { examplesOf, type Things } from './examples.ts'
import { type Administered, type Asked, administered, administrator, memberOf } from './harness.ts'

/** The whole table of operations, one question at a time. */

test('every operation of the table has an example here', () => {
  const things = { keyId: 'k', projectId: 'j', personId: 'p', adminKeyId: 'a', requestId: 'r', engine: 'e' }
  const withExample = Object.keys(examplesOf(things))
  expect(withExample.toSorted()).toEqual(
    Object.keys(operations)
      .filter((name) => name !== 'POST /admin/session')
      .toSorted(),
  )
})

const tableOf = (things: Things) =>
  Object.entries(examplesOf(things)).map(([key, example]) => {
    const name = key as OperationName
    return { name, asked: (example ?? {}) as Asked, operation: operations[name] as Operation }
  })

async function withThings(service: Administered): Promise<Things> {
  const owner = await service.person('owner', memberOf('acme'))
  const client = await service.clientFor({ tenant: 'acme' })
  await client.ask({ user_id: 'u-1' })
  const project = await owner.ask('POST /admin/projects', { body: { name: 'of acme' } })
  const script = await service.script(administrator)
  const adminKeys = await script.ask('GET /admin/admin-keys')
  const keys = await script.ask('GET /admin/keys', { query: { tenant: 'acme' } })
  await service.flushLog()
  const requests = await script.ask('GET /admin/requests', { query: { tenant: 'acme' } })
  return {
    personId: owner.id,
    adminKeyId: adminKeys.json.items[0].id,
    keyId: keys.json.items[0].id,
    projectId: project.json.id,
    requestId: requests.json.items[0].id,
    engine: 'double-0',
  }
}

test('nobody may do anything but sign in', async () => {
  const service = await administered()
  for (const { name, asked } of tableOf(await withThings(service))) {
    const answer = await service.nobody.ask(name, asked)
    expect([name, answer.status, answer.json.error.code]).toEqual([name, 401, 'sign_in_required'])
    const wrong = await service.nobody.ask(name, { ...asked, headers: { authorization: 'Bearer adm-unknown' } })
    expect([name, wrong.status, wrong.json.error.code]).toEqual([name, 401, 'invalid_admin_key'])
  }
})

test('a member does nothing that is for administrators, and sees nothing of another tenant', async () => {
  const service = await administered()
  const things = await withThings(service)
  const stranger = await service.person('stranger', memberOf('other'))
  for (const { name, asked, operation } of tableOf(things)) {
    const named = JSON.stringify([asked.params, asked.query, asked.body])
    if (
      operation.may === 'administrator' ||
      named.includes('acme') ||
      named.includes(things.keyId) ||
      named.includes(things.projectId) ||
      named.includes(things.requestId)
    ) {
      const answer = await stranger.ask(name, asked)
      expect([name, [403, 404].includes(answer.status)], answer.text).toEqual([name, true])
      if (operation.may === 'administrator') expect(answer.json.error.code).toBe('permission_denied')
    } else if (name.startsWith('GET ')) {
      const answer = await stranger.ask(name, asked)
      expect([name, answer.status], answer.text).toEqual([name, 200])
      expect(answer.text, name).not.toMatch(/acme|u-1|A greeting/)
    }
  }
  for (const [name, operation] of Object.entries<Operation>(operations)) {
    if (!name.startsWith('GET ') || name.includes('{') || operation.may === 'administrator') continue
    const answer = await stranger.ask(name as OperationName)
    expect([name, answer.status], answer.text).toEqual([name, 200])
    expect(answer.text, name).not.toMatch(/acme|u-1|A greeting/)
  }
})

test('every operation does what it says for whoever may do it, in a browser as in a script', async () => {
  const service = await administered()
  const things = await withThings(service)
  const admin = await service.person('root', administrator)
  for (const { name, asked } of tableOf(things)) {
    const answer = await admin.ask(name, asked)
    expect([name, answer.status < 300], answer.text).toEqual([name, true])
    if (name.startsWith('DELETE /admin/session'))
      Object.assign(admin, await service.person(`root-${name.length}`, administrator))
  }
})

test('what is not well said is refused by the name of its field', async () => {
  const service = await administered()
  const things = await withThings(service)
  const admin = await service.script(administrator)
  for (const { name, asked, operation } of tableOf(things)) {
    if (operation.body && operation.answer !== 'completion') {
      const unknown = await admin.ask(name, { ...asked, body: { ...Object(asked.body), nonsense: 1 } })
      expect([name, unknown.status, unknown.json.error.param]).toEqual([name, 400, 'nonsense'])
      const noObject = await admin.ask(name, { ...asked, body: '[1]' })
      expect([name, noObject.status]).toEqual([name, 400])
      const broken = await admin.ask(name, { ...asked, body: '{"a"' })
      expect([name, broken.status, broken.json.error.code]).toEqual([name, 400, 'invalid_request_error'])
    }
    if (operation.query) {
      const unknown = await admin.ask(name, { ...asked, query: { ...asked.query, nonsense: 1 } })
      expect([name, unknown.status, unknown.json.error.param]).toEqual([name, 400, 'nonsense'])
    }
  }
})

test('a change without the header, or from another site, does nothing for who is signed in', async () => {
  const service = await administered()
  const things = await withThings(service)
  const admin = await service.person('root', administrator)
  const foreign = [
    { 'x-tidegate-console': '', 'sec-fetch-site': 'same-site' },
    { 'sec-fetch-site': 'cross-site' },
    { origin: 'https://evil.example' },
  ]
  for (const { name, asked } of tableOf(things).filter(({ name }) => !name.startsWith('GET ')))
    for (const headers of foreign) {
      const answer = await admin.ask(name, { ...asked, headers })
      expect([name, answer.status, answer.json.error.code]).toEqual([name, 403, 'cross_site_request'])
    }
})

test('every change leaves a line in the audit trail, without a password or a secret in it', async () => {
  const service = await administered()
  const things = await withThings(service)
  const admin = await service.script(administrator)
  const audited = tableOf(things).filter(
    ({ name, operation }) =>
      !name.startsWith('GET ') &&
      operation.audited !== false &&
      !['signOut', 'signOutEverywhere', 'changePassword'].includes(operation.id),
  )
  for (const { name, asked } of audited) await admin.ask(name, asked)
  const { json, text } = await admin.ask('GET /admin/audit')
  const done = json.items
    .filter(({ actor }: { actor: { kind: string } }) => actor.kind === 'key')
    .map(({ operation }: { operation: string }) => operation)
  expect(done.toSorted()).toEqual(audited.map(({ operation }) => operation.id).toSorted())
  expect(text).not.toMatch(/correct horse|adm-/)
})

test('the document is there for everybody, and its every path is served', async () => {
  const service = await administered()
  const { status, text } = await service.client.get('/admin/openapi.json', {})
  expect(status).toBe(200)
  expect(JSON.parse(text).info.title).toBe('Tidegate admin API')
})
