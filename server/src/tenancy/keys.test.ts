import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { OperatorError } from '../lib/operator-error.ts'
import { type Keys, openKeys } from './keys.ts'
import { temporaryFolder } from './test-storage.ts'

const refusal = (keys: Keys, secret: string) => {
  try {
    keys.authenticate(`Bearer ${secret}`)
    return 'accepted'
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

const refused = (secret: string) => `Authentication Fails, Your api key: ****${secret.slice(-4)} is invalid`

describe('a key', () => {
  test('is accepted with its settings as soon as it was made, in any process', async () => {
    const folder = temporaryFolder()
    const here = openKeys(await folder.open())
    const elsewhere = openKeys(await folder.open())
    const settings = { models: ['m'], concurrency: 2, heartbeat: 'line' } as const
    const { key, secret } = await here.create({ name: 'ci', tenant: 'acme', settings })
    expect(key.display).toBe(`${secret.slice(0, 7)}…${secret.slice(-4)}`)
    expect(elsewhere.authenticate(`Bearer ${secret}`)).toEqual({ id: key.id, tenant: 'acme', name: 'ci', settings })
  })

  test('T4: is refused in every process once it was revoked in one', async () => {
    const folder = temporaryFolder()
    const here = openKeys(await folder.open())
    const elsewhere = openKeys(await folder.open())
    const { key, secret } = await here.create({ name: 'ci', tenant: 'default' })
    expect(refusal(elsewhere, secret)).toBe('accepted')
    expect(await here.revoke(key.id)).toBe('revoked')
    expect(refusal(elsewhere, secret)).toBe(refused(secret))
    expect(await elsewhere.revoke(key.id)).toBe('already-revoked')
    expect(await elsewhere.revoke('key_none')).toBe('unknown')
  })

  test('T4: is refused from the moment it expires, in the words for an unknown one', async () => {
    let now = 1_000_000
    const keys = openKeys(await temporaryFolder().open(), () => now)
    const { secret } = await keys.create({ name: 'ci', tenant: 'default', expiresAt: new Date(now + 500) })
    now += 499
    expect(refusal(keys, secret)).toBe('accepted')
    now += 1
    expect(refusal(keys, secret)).toBe(refused(secret))
    const unknown = `${secret.slice(0, -4)}9f3c`
    expect(refusal(keys, unknown)).toBe(refused(unknown))
  })

  test('leaves no trace of its secret on disk', async () => {
    const folder = temporaryFolder()
    const keys = openKeys(await folder.open())
    const { secret } = await keys.create({ name: 'ci', tenant: 'default' })
    for (const name of readdirSync(folder.path))
      expect(readFileSync(join(folder.path, name)).includes(secret.slice(8, 24)), name).toBe(false)
  })

  test('needs a tenant that can be one', async () => {
    const keys = openKeys(await temporaryFolder().open())
    await expect(keys.create({ name: 'x', tenant: 'a\0b' })).rejects.toThrow(OperatorError)
    await expect(keys.create({ name: 'x', tenant: '' })).rejects.toThrow(OperatorError)
  })

  test('remembers when it was last used, written at most once a minute', async () => {
    let now = 1_000_000
    const keys = openKeys(await temporaryFolder().open(), () => now)
    const { secret } = await keys.create({ name: 'ci', tenant: 'default' })
    const lastUsed = async () => (await keys.list())[0]?.lastUsedAt?.getTime()
    expect(await lastUsed()).toBeUndefined()
    keys.authenticate(`Bearer ${secret}`)
    await keys.flush()
    expect(await lastUsed()).toBe(1_000_000)
    now += 59_999
    keys.authenticate(`Bearer ${secret}`)
    await keys.flush()
    expect(await lastUsed()).toBe(1_000_000)
    now += 1
    keys.authenticate(`Bearer ${secret}`)
    await keys.flush()
    expect(await lastUsed()).toBe(1_060_000)
  })

  test('is checked in well under a millisecond', async () => {
    const keys = openKeys(await temporaryFolder().open())
    const { secret } = await keys.create({ name: 'ci', tenant: 'default' })
    const started = performance.now()
    for (let i = 0; i < 1000; i++) keys.authenticate(`Bearer ${secret}`)
    expect((performance.now() - started) / 1000).toBeLessThan(1)
  })
})

describe('the first start', () => {
  test('makes one key, which is told once', async () => {
    const folder = temporaryFolder()
    const processes = [openKeys(await folder.open()), openKeys(await folder.open())]
    const told: (string | undefined)[] = []
    for (const keys of processes) told.push(await keys.ensureBootstrapKey(undefined))
    const secrets = told.filter((secret) => secret !== undefined)
    expect(secrets).toHaveLength(1)
    for (const keys of processes) expect(refusal(keys, secrets[0] ?? '')).toBe('accepted')
    expect(await processes[0]?.ensureBootstrapKey(undefined)).toBeUndefined()
  })

  test('takes the operator’s key, tells nothing, and makes it once', async () => {
    const keys = openKeys(await temporaryFolder().open())
    expect(await keys.ensureBootstrapKey('sk-operators-own')).toBeUndefined()
    expect(await keys.ensureBootstrapKey('sk-operators-own')).toBeUndefined()
    expect(await keys.list()).toHaveLength(1)
    expect(keys.authenticate('Bearer sk-operators-own').tenant).toBe('default')
  })

  test('does not bring back a key that was revoked', async () => {
    const keys = openKeys(await temporaryFolder().open())
    await keys.ensureBootstrapKey('sk-operators-own')
    await keys.revoke((await keys.list())[0]?.id ?? '')
    expect(await keys.ensureBootstrapKey('sk-operators-own')).toBeUndefined()
    expect(refusal(keys, 'sk-operators-own')).toContain('is invalid')
  })

  test('refuses what no client could send', async () => {
    const keys = openKeys(await temporaryFolder().open())
    await expect(keys.ensureBootstrapKey('two words')).rejects.toThrow(/TIDEGATE_BOOTSTRAP_KEY/)
  })
})
