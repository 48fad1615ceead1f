import { request } from 'undici'
import { expect } from 'vitest'
import type { z } from 'zod'
import { engineKinds } from '../../src/config/schema.ts'
import type { Operation } from '../../src/http/admin/contract/operation.ts'
import { type OperationName, operations } from '../../src/http/admin/contract.ts'
import { openAdminKeys } from '../../src/tenancy/people/admin-keys.ts'
import { createPasswords } from '../../src/tenancy/people/passwords.ts'
import { openPeople, type Standing } from '../../src/tenancy/people/people.ts'
import { ensureTenant } from '../../src/tenancy/tenants.ts'
import { type Doubled, doubled } from '../contract/harness.ts'

export interface Asked {
  readonly params?: Readonly<Record<string, string>>
  readonly query?: Readonly<Record<string, string | number | boolean>>
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

export interface AdminAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
  // biome-ignore lint/suspicious/noExplicitAny: tests look at what came, member by member
  readonly json: any
}

/** Somebody who asks the admin API: nobody, a browser with its cookies, or a script with an admin key. */
export interface AdminClient {
  /** The answer must be of the shape that the table says, and hold nothing that the table does not know. */
  ask(name: OperationName, asked?: Asked): Promise<AdminAnswer>
  /** As a browser at `http://localhost` keeps it. */
  readonly cookies: () => string
}

export interface Administered extends Doubled {
  readonly nobody: AdminClient
  /** A new browser. */
  browser(): AdminClient
  /** Makes a person, and signs them in. */
  person(name: string, standing: Standing): Promise<AdminClient & { readonly id: string }>
  script(standing: Standing): Promise<AdminClient & { readonly secret: string }>
}

export const password = 'correct horse battery staple'
export const administrator: Standing = { role: 'administrator', tenant: null }
export const memberOf = (tenant: string): Standing => ({ role: 'member', tenant })

/** How `double-0` would be configured, if it were behind HTTP. */
const nowhere = engineKinds.openai.parse({
  id: 'double-0',
  kind: 'openai',
  url: 'http://127.0.0.1:9',
  model: 'm',
  apiKey: 'sk-upstream',
})

/** The service with doubles for engines, and people who look after it. */
export async function administered(...args: Partial<Parameters<typeof doubled>>): Promise<Administered> {
  const [runs = ['A greeting.</think>Hello!'], options] = args
  const served = await doubled(runs, { configs: [nowhere], keepsLog: true, ...options })
  const { origin } = served.client
  const { storage } = served
  const people = openPeople(storage, createPasswords(storage.secret))
  const adminKeys = openAdminKeys(storage)
  const settle = async ({ tenant }: Standing) => {
    if (tenant !== null) await ensureTenant(storage.db, tenant, Date.now())
  }
  return {
    ...served,
    nobody: clientOf(origin, {}),
    browser: () => clientOf(origin, { 'x-tidegate-console': '1' }),
    async person(name, standing) {
      await settle(standing)
      const made = await people.create(name, password, standing)
      const client = clientOf(origin, { 'x-tidegate-console': '1' })
      const signedIn = await client.ask('POST /admin/session', { body: { name, password } })
      expect(signedIn.status).toBe(200)
      return { ...client, id: made?.id ?? '' }
    },
    async script(standing) {
      await settle(standing)
      const { secret } = await adminKeys.create({ name: 'script', standing, by: 'test' })
      return { ...clientOf(origin, { authorization: `Bearer ${secret}` }), secret }
    },
  }
}

function clientOf(origin: string, always: Readonly<Record<string, string>>): AdminClient {
  const cookies = new Map<string, string>()
  const cookieHeader = () => [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
  return {
    cookies: cookieHeader,
    async ask(name, { params = {}, query = {}, body, headers } = {}) {
      const [method = '', path = ''] = name.split(' ')
      const place = path.replaceAll(/\{(\w+)\}/g, (_, param: string) => encodeURIComponent(params[param] ?? ''))
      const search = new URLSearchParams(Object.entries(query).map(([key, value]) => [key, String(value)]))
      const response = await request(`${origin}${place}?${search}`, {
        method: method as 'GET',
        headers: {
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...(cookies.size > 0 && { cookie: cookieHeader() }),
          ...always,
          ...headers,
        },
        ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      })
      for (const cookie of [response.headers['set-cookie'] ?? []].flat()) {
        const [, key = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? []
        if (value === '') cookies.delete(key)
        else cookies.set(key, value)
      }
      const text = await response.body.text()
      const isJson = String(response.headers['content-type']).startsWith('application/json')
      const answer = { status: response.statusCode, headers: response.headers, text, json: isJson && JSON.parse(text) }
      expectAsSaid(operations[name], answer)
      return answer
    },
  }
}

function expectAsSaid({ id, answer, status }: Operation, { status: got, text, json }: AdminAnswer): void {
  if (got >= 400) return
  expect([id, got]).toEqual([id, status ?? 200])
  if (answer === 'nothing') expect(text).toBe('')
  else if (typeof answer !== 'string') expect((answer as z.ZodType).parse(json), id).toEqual(json)
}
