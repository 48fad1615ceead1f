import { expect, test } from 'vitest'
import { administered, administrator, memberOf, password } from './harness.ts'

const cookiesOf = (headers: Readonly<Record<string, unknown>>) => [headers['set-cookie'] ?? []].flat() as string[]

test('a session is kept in a cookie that no script reads and no other site sends', async () => {
  const service = await administered()
  await service.person('alice', administrator)
  const browser = service.browser()
  const local = await browser.ask('POST /admin/session', {
    body: { name: 'Alice', password },
    headers: { origin: 'http://localhost:8080', 'sec-fetch-site': 'same-origin' },
  })
  expect(cookiesOf(local.headers)).toEqual([
    expect.stringMatching(/^__Host-tidegate=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Secure; Max-Age=1209600$/),
    expect.stringMatching(/^tidegate-local=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Max-Age=1209600$/),
  ])
  const safe = await browser.ask('POST /admin/session', {
    body: { name: 'alice', password },
    headers: { origin: 'https://tidegate.example', 'sec-fetch-site': 'same-origin' },
  })
  expect(cookiesOf(safe.headers)).toEqual([expect.stringMatching(/^__Host-tidegate=/)])
  expect(safe.json).toMatchObject({ kind: 'person', name: 'alice', role: 'administrator', tenant: null })
  for (const [name, value] of [
    ['cache-control', 'no-store'],
    ['x-content-type-options', 'nosniff'],
    ['referrer-policy', 'no-referrer'],
    ['content-security-policy', "default-src 'none'; frame-ancestors 'none'"],
  ] as const)
    expect(safe.headers[name]).toBe(value)
})

test('a page over plain http from elsewhere is told why it cannot sign in, before a password is looked at', async () => {
  const service = await administered()
  await service.person('alice', administrator)
  const ask = (headers: Record<string, string>) =>
    service.browser().ask('POST /admin/session', { body: { name: 'alice', password }, headers })
  const refused = await ask({ origin: 'http://192.0.2.7:8080', host: '192.0.2.7:8080' })
  expect([refused.status, refused.json.error.code]).toEqual([400, 'insecure_origin'])
  expect(refused.json.error.message).toContain('https')
  expect(refused.headers['set-cookie']).toBeUndefined()
  expect((await ask({ origin: 'http://127.0.0.1:8080', host: '127.0.0.1:8080' })).status).toBe(200)
})

test('the cookie for plain http counts at this machine only', async () => {
  const service = await administered()
  const alice = await service.person('alice', administrator)
  const token = /__Host-tidegate=([^;]+)/.exec(alice.cookies())?.[1] ?? ''
  const who = (cookie: string, host: string) =>
    service.browser().ask('GET /admin/session', { headers: { cookie, host } })
  expect((await who(`tidegate-local=${token}`, 'localhost:1')).status).toBe(200)
  expect((await who(`tidegate-local=${token}`, 'tidegate.example')).status).toBe(401)
  expect((await who(`a=b; __Host-tidegate=${token}`, 'tidegate.example')).status).toBe(200)
})

test('nobody learns whether a name or a password was wrong', async () => {
  const service = await administered()
  await service.person('alice', administrator)
  const [one, other] = await Promise.all(
    [
      { name: 'alice', password: 'wrong' },
      { name: 'nobody', password },
    ].map((body) => service.browser().ask('POST /admin/session', { body })),
  )
  expect([one?.status, one?.json.error.code]).toEqual([401, 'wrong_credentials'])
  expect([other?.status, other?.json]).toEqual([one?.status, one?.json])
  expect(service.log()).not.toContain('correct horse')
})

test('guesses are slowed down, and told when to come again', async () => {
  const service = await administered()
  await service.person('alice', administrator)
  const guess = (guessed: string, address: string) =>
    service.browser().ask('POST /admin/session', {
      body: { name: 'alice', password: guessed },
      headers: { 'x-forwarded-for': address },
    })
  for (let i = 0; i < 10; i++) expect((await guess('wrong', `192.0.2.${i}`)).status).toBe(401)
  const slowed = await guess(password, '192.0.2.99')
  expect([slowed.status, slowed.json.error.code]).toEqual([429, 'too_many_tries'])
  expect(Number(slowed.headers['retry-after'])).toBeGreaterThanOrEqual(1)
})

test('signing out ends one session, signing out everywhere all of them', async () => {
  const service = await administered()
  const first = await service.person('alice', administrator)
  const second = service.browser()
  const third = service.browser()
  for (const browser of [second, third]) await browser.ask('POST /admin/session', { body: { name: 'alice', password } })
  const status = async (browser: typeof second) => (await browser.ask('GET /admin/session')).status
  const kept = second.cookies()
  await second.ask('DELETE /admin/session')
  expect(second.cookies()).toBe('')
  expect((await service.browser().ask('GET /admin/session', { headers: { cookie: kept } })).status).toBe(401)
  expect([await status(first), await status(third)]).toEqual([200, 200])
  await third.ask('DELETE /admin/sessions')
  expect([await status(first), await status(third)]).toEqual([401, 401])
})

test('a new password ends the other sessions; the old one does not open any', async () => {
  const service = await administered()
  const alice = await service.person('alice', memberOf('acme'))
  const elsewhere = service.browser()
  await elsewhere.ask('POST /admin/session', { body: { name: 'alice', password } })
  const wrong = await alice.ask('PUT /admin/password', { body: { current: 'no', password: 'a longer new one' } })
  expect([wrong.status, wrong.json.error.param]).toEqual([400, 'current'])
  expect((await alice.ask('PUT /admin/password', { body: { current: password, password: 'short' } })).status).toBe(400)
  const changed = { current: password, password: 'a longer new one' }
  expect((await alice.ask('PUT /admin/password', { body: changed })).status).toBe(204)
  expect((await alice.ask('GET /admin/session')).status).toBe(200)
  expect((await elsewhere.ask('GET /admin/session')).status).toBe(401)
  expect((await elsewhere.ask('POST /admin/session', { body: { name: 'alice', password } })).status).toBe(401)
})

test('who is disabled, demoted or given a new password by an administrator is out at once', async () => {
  const service = await administered()
  const admin = await service.person('root', administrator)
  const alice = await service.person('alice', administrator)
  const disabled = await admin.ask('PATCH /admin/people/{id}', { params: { id: alice.id }, body: { disabled: true } })
  expect(disabled.json.disabled).toBe(true)
  expect((await alice.ask('GET /admin/session')).status).toBe(401)
  expect((await alice.ask('POST /admin/session', { body: { name: 'alice', password } })).status).toBe(401)
  const last = await admin.ask('PATCH /admin/people/{id}', { params: { id: admin.id }, body: { disabled: true } })
  expect([last.status, last.json.error.code]).toEqual([409, 'conflict'])
  expect((await admin.ask('GET /admin/session')).status).toBe(200)
})

test('an admin key opens the admin API and nothing else, an API key the other way round', async () => {
  const service = await administered()
  const script = await service.script(administrator)
  expect((await script.ask('GET /admin/people')).status).toBe(200)
  const chat = await service.client.post({}, { headers: { authorization: `Bearer ${script.secret}` } })
  expect([chat.status, JSON.parse(chat.text).error.code]).toEqual([401, 'invalid_api_key'])
  const withApiKey = await service.nobody.ask('GET /admin/people', {
    headers: { authorization: `Bearer ${service.client.key}` },
  })
  expect([withApiKey.status, withApiKey.json.error.code]).toEqual([401, 'invalid_admin_key'])
  const { json } = await script.ask('GET /admin/admin-keys')
  await script.ask('POST /admin/admin-keys/{id}/revoke', { params: { id: json.items[0].id } })
  expect((await script.ask('GET /admin/people')).status).toBe(401)
  expect((await script.ask('DELETE /admin/session')).status).toBe(401)
})

test('a browser with a session that sends a wrong admin key is not let in by its cookie', async () => {
  const service = await administered()
  const alice = await service.person('alice', administrator)
  const answer = await alice.ask('GET /admin/people', { headers: { authorization: 'Bearer adm-wrong' } })
  expect(answer.status).toBe(401)
})
