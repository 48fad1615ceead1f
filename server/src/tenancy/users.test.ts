import { expect, test } from 'vitest'
import { onEachStore, temporaryStorage } from '../../test/stores.ts'
import { openKeys } from './keys.ts'
import { openUsers } from './users.ts'

onEachStore(() => {
  test('C97: a blocked user is refused in every process, until unblocked, and nobody else is', async () => {
    const { open } = await temporaryStorage()
    const storage = await open()
    await openKeys(storage).create({ name: 'x', tenant: 'acme' })
    const here = openUsers(storage)
    const elsewhere = openUsers(await open())
    const blocked = expect.objectContaining({ failure: expect.objectContaining({ code: 'permission-denied' }) })

    expect(await here.block('acme', 'u1')).toBe(true)
    expect(await here.block('acme', 'u1')).toBe(false)
    await expect(elsewhere.admit('acme', 'u1')).rejects.toThrow(blocked)
    for (const [tenant, user] of [
      ['acme', 'u2'],
      ['default', 'u1'],
      ['acme', undefined],
    ] as const)
      await elsewhere.admit(tenant, user)

    expect(await elsewhere.unblock('acme', 'u1')).toBe(true)
    expect(await elsewhere.unblock('acme', 'u1')).toBe(false)
    await here.admit('acme', 'u1')
  })

  test('blocking a user of a tenant that is not there says so', async () => {
    const users = openUsers(await (await temporaryStorage()).open())
    await expect(users.block('acme', 'u1')).rejects.toThrow("There is no tenant 'acme'")
  })
})
