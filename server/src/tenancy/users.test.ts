import { expect, test } from 'vitest'
import { openKeys } from './keys.ts'
import { temporaryFolder } from './test-storage.ts'
import { openUsers } from './users.ts'

test('C97: a blocked user is refused in every process, until unblocked, and nobody else is', async () => {
  const folder = temporaryFolder()
  const storage = await folder.open()
  await openKeys(storage).create({ name: 'x', tenant: 'acme' })
  const here = openUsers(storage)
  const elsewhere = openUsers(await folder.open())
  const blocked = expect.objectContaining({ failure: expect.objectContaining({ code: 'permission-denied' }) })

  expect(await here.block('acme', 'u1')).toBe(true)
  expect(await here.block('acme', 'u1')).toBe(false)
  expect(() => elsewhere.admit('acme', 'u1')).toThrow(blocked)
  for (const [tenant, user] of [
    ['acme', 'u2'],
    ['default', 'u1'],
    ['acme', undefined],
  ] as const)
    expect(() => elsewhere.admit(tenant, user)).not.toThrow()

  expect(await elsewhere.unblock('acme', 'u1')).toBe(true)
  expect(await elsewhere.unblock('acme', 'u1')).toBe(false)
  expect(() => here.admit('acme', 'u1')).not.toThrow()
})

test('blocking a user of a tenant that is not there says so', async () => {
  const users = openUsers(await temporaryFolder().open())
  await expect(users.block('acme', 'u1')).rejects.toThrow("There is no tenant 'acme'")
})
