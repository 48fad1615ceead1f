import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { onEachStore, temporaryStorage } from '../../test/stores.ts'
import { OperatorError } from '../lib/operator-error.ts'
import { type Keys, openKeys } from './keys.ts'

const refusal = async (keys: Keys, secret: string) => {
  try {
    await keys.authenticate(`Bearer ${secret}`)
    return 'accepted'
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

const refused = (secret: string) => `Authentication Fails, Your api key: ****${secret.slice(-4)} is invalid`

onEachStore(() => {
  describe('a key', () => {
    test('is accepted with its settings as soon as it was made, in any process', async () => {
      const { open } = await temporaryStorage()
      const here = openKeys(await open())
      const elsewhere = openKeys(await open())
      const settings = { models: ['m'], concurrency: 2, heartbeat: 'line' } as const
      const { key, secret } = await here.create({ name: 'ci', tenant: 'acme', settings })
      expect(key.display).toBe(`${secret.slice(0, 7)}…${secret.slice(-4)}`)
      expect(await elsewhere.authenticate(`Bearer ${secret}`)).toEqual({
        id: key.id,
        tenant: 'acme',
        name: 'ci',
        settings,
      })
    })

    test('T4: is refused in every process once it was revoked in one', async () => {
      const { open } = await temporaryStorage()
      const here = openKeys(await open())
      const elsewhere = openKeys(await open())
      const { key, secret } = await here.create({ name: 'ci', tenant: 'default' })
      expect(await refusal(elsewhere, secret)).toBe('accepted')
      expect(await here.revoke(key.id)).toBe('revoked')
      expect(await refusal(here, secret)).toBe(refused(secret))
      await expect.poll(() => refusal(elsewhere, secret)).toBe(refused(secret))
      expect(await elsewhere.revoke(key.id)).toBe('already-revoked')
      expect(await elsewhere.revoke('key_none')).toBe('unknown')
    })

    test('T4: is refused from the moment it expires, in the words for an unknown one', async () => {
      let now = 1_000_000
      const keys = openKeys(await (await temporaryStorage()).open(), () => now)
      const { secret } = await keys.create({ name: 'ci', tenant: 'default', expiresAt: new Date(now + 500) })
      now += 499
      expect(await refusal(keys, secret)).toBe('accepted')
      now += 1
      expect(await refusal(keys, secret)).toBe(refused(secret))
      const unknown = `${secret.slice(0, -4)}9f3c`
      expect(await refusal(keys, unknown)).toBe(refused(unknown))
    })

    test('leaves no trace of its secret in the database', async () => {
      const { place, open } = await temporaryStorage()
      const storage = await open()
      const { secret } = await openKeys(storage).create({ name: 'ci', tenant: 'default' })
      const rows = await storage.db.selectFrom('api_keys').selectAll().execute()
      expect(JSON.stringify(rows)).not.toContain(secret.slice(8, 24))
      for (const { hash } of rows) expect(Buffer.from(hash).includes(secret.slice(8, 24))).toBe(false)
      for (const name of readdirSync(place.data))
        expect(readFileSync(join(place.data, name)).includes(secret.slice(8, 24)), name).toBe(false)
    })

    test('needs a tenant that can be one', async () => {
      const keys = openKeys(await (await temporaryStorage()).open())
      await expect(keys.create({ name: 'x', tenant: 'a\0b' })).rejects.toThrow(OperatorError)
      await expect(keys.create({ name: 'x', tenant: '' })).rejects.toThrow(OperatorError)
    })

    test('remembers when it was last used, written at most once a minute', async () => {
      let now = 1_000_000
      const keys = openKeys(await (await temporaryStorage()).open(), () => now)
      const { secret } = await keys.create({ name: 'ci', tenant: 'default' })
      const lastUsed = async () => (await keys.list())[0]?.lastUsedAt?.getTime()
      expect(await lastUsed()).toBeUndefined()
      await keys.authenticate(`Bearer ${secret}`)
      await keys.flush()
      expect(await lastUsed()).toBe(1_000_000)
      now += 59_999
      await keys.authenticate(`Bearer ${secret}`)
      await keys.flush()
      expect(await lastUsed()).toBe(1_000_000)
      now += 1
      await keys.authenticate(`Bearer ${secret}`)
      await keys.flush()
      expect(await lastUsed()).toBe(1_060_000)
    })

    test('is checked in well under a millisecond', async () => {
      const keys = openKeys(await (await temporaryStorage()).open())
      const { secret } = await keys.create({ name: 'ci', tenant: 'default' })
      const started = performance.now()
      for (let i = 0; i < 1000; i++) await keys.authenticate(`Bearer ${secret}`)
      expect((performance.now() - started) / 1000).toBeLessThan(1)
    })
  })

  describe('the first start', () => {
    test('makes one key, which is told once', async () => {
      const { open } = await temporaryStorage()
      const processes = [openKeys(await open()), openKeys(await open())]
      const told: (string | undefined)[] = []
      for (const keys of processes) told.push(await keys.ensureBootstrapKey(undefined))
      const secrets = told.filter((secret) => secret !== undefined)
      expect(secrets).toHaveLength(1)
      for (const keys of processes) expect(await refusal(keys, secrets[0] ?? '')).toBe('accepted')
      expect(await processes[0]?.ensureBootstrapKey(undefined)).toBeUndefined()
    })

    test('takes the operator’s key, tells nothing, and makes it once', async () => {
      const keys = openKeys(await (await temporaryStorage()).open())
      expect(await keys.ensureBootstrapKey('sk-operators-own')).toBeUndefined()
      expect(await keys.ensureBootstrapKey('sk-operators-own')).toBeUndefined()
      expect(await keys.list()).toHaveLength(1)
      expect((await keys.authenticate('Bearer sk-operators-own')).tenant).toBe('default')
    })

    test('does not bring back a key that was revoked', async () => {
      const keys = openKeys(await (await temporaryStorage()).open())
      await keys.ensureBootstrapKey('sk-operators-own')
      await keys.revoke((await keys.list())[0]?.id ?? '')
      expect(await keys.ensureBootstrapKey('sk-operators-own')).toBeUndefined()
      expect(await refusal(keys, 'sk-operators-own')).toContain('is invalid')
    })

    test('refuses what no client could send', async () => {
      const keys = openKeys(await (await temporaryStorage()).open())
      await expect(keys.ensureBootstrapKey('two words')).rejects.toThrow(/TIDEGATE_BOOTSTRAP_KEY/)
    })
  })
})
