import { parseFlags, UsageError } from '../lib/flags.ts'
import { openStorage } from '../storage/storage.ts'
import { openUsers } from '../tenancy/users.ts'
import { type Command, loadStoreConfig, storeFlags } from './command.ts'

export const users: Command = {
  summary: 'Block and unblock end users by their user_id.',
  usage: `Usage: tidegate users block USER_ID [--tenant TENANT]
       tidegate users unblock USER_ID [--tenant TENANT]

  --tenant TENANT   whose user it is (default: default)
  --data DIR, --config FILE   as for tidegate serve`,

  async run([action, ...argv], terminal) {
    if (action !== 'block' && action !== 'unblock')
      throw new UsageError(action === undefined ? 'block or unblock?' : `There is no 'tidegate users ${action}'.`)
    const { values, positionals } = parseFlags(argv, { ...storeFlags, tenant: { type: 'string' } }, 1)
    const [userId] = positionals
    if (!userId) throw new UsageError('Which user? Give the user_id that requests carry.')
    const tenant = values.tenant ?? 'default'

    const storage = await openStorage(loadStoreConfig(values, terminal))
    try {
      const changed = await openUsers(storage)[action](tenant, userId)
      terminal.tell(`User '${userId}' of tenant ${tenant} ${changed ? 'is now' : 'was already'} ${action}ed.`)
    } finally {
      await storage.close()
    }
  },
}
