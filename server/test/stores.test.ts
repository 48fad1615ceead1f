import { expect, test } from 'vitest'
import { jam, onEachStore, temporaryStorage } from './stores.ts'

onEachStore(() => {
  // In this order: each finds a place that is as good as new, whatever the one before it has left.
  test.each(['rows', 'rows again', 'a trigger', 'nothing more'])(
    'who leaves %s is not seen by the next test',
    async (what) => {
      const storage = await (await temporaryStorage()).open()
      const { db } = storage
      expect(await db.selectFrom('tenants').select('id').execute()).toEqual([{ id: 'default' }])
      expect(await db.selectFrom('blocked_users').selectAll().execute()).toEqual([])
      await db.insertInto('blocked_users').values({ tenant: 'default', user_id: 'u', blocked_at: 1 }).execute()
      await db.insertInto('tenants').values({ id: 'mine', name: 'mine', created_at: 1 }).execute()
      if (what === 'a trigger') await jam(storage, 'insert', 'tenants')
    },
  )
})
