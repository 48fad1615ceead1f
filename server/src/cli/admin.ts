import { parseFlags, UsageError } from '../lib/flags.ts'
import { OperatorError } from '../lib/operator-error.ts'
import { openStorage, type Storage } from '../storage/storage.ts'
import { openAdminKeys } from '../tenancy/people/admin-keys.ts'
import { createPasswords, makePassword } from '../tenancy/people/passwords.ts'
import { firstName, openPeople, type Standing } from '../tenancy/people/people.ts'
import { type Command, loadStoreConfig, storeFlags, type Terminal } from './command.ts'
import { parseExpiry } from './expiry.ts'
import { table } from './table.ts'
import { requireTenant } from './tenants.ts'

export const admin: Command = {
  summary: 'Who may use the console, and the admin keys of scripts.',
  usage: `Usage: tidegate admin list                              who may sign in
       tidegate admin reset-password [NAME]             prints a new password alone; NAME is let in again (default: admin)
       tidegate admin create-key --name NAME [OPTIONS]  prints the secret of an admin key alone; it is shown this once
       tidegate admin keys
       tidegate admin revoke-key ID

  --tenant TENANT   the key sees and changes this tenant only (default: everything)
  --expires WHEN    a date, or a time from now such as 30d or 12h (default: never)
  --data DIR, --config FILE   as for tidegate serve`,

  async run([action, ...argv], terminal) {
    const flags = { name: { type: 'string' }, tenant: { type: 'string' }, expires: { type: 'string' } } as const
    const { values, positionals } = parseFlags(argv, { ...storeFlags, ...flags }, 1)
    const run = action !== undefined && Object.hasOwn(actions, action) ? actions[action] : undefined
    if (!run)
      throw new UsageError(
        action === undefined ? `${Object.keys(actions).join(', ')}?` : `There is no 'tidegate admin ${action}'.`,
      )
    const storage = await openStorage(loadStoreConfig(values, terminal))
    try {
      await run(storage, { ...values, word: positionals[0] }, terminal)
    } finally {
      await storage.close()
    }
  },
}

interface Words {
  readonly word?: string | undefined
  readonly name?: string | undefined
  readonly tenant?: string | undefined
  readonly expires?: string | undefined
}

const actions: Readonly<Record<string, (storage: Storage, words: Words, terminal: Terminal) => Promise<void>>> = {
  async list(storage, _words, terminal) {
    const people = await openPeople(storage, createPasswords(storage.secret)).list()
    const rows = people.map(({ name, role, tenant, disabled, lastSignInAt }) => [
      name,
      role,
      tenant ?? '-',
      minute(lastSignInAt),
      disabled ? 'disabled' : 'active',
    ])
    for (const line of table(['NAME', 'ROLE', 'TENANT', 'LAST SIGN-IN', 'STATUS'], rows)) terminal.print(line)
  },

  async 'reset-password'(storage, { word = firstName }, terminal) {
    const people = openPeople(storage, createPasswords(storage.secret))
    const password = makePassword()
    const name = word.toLowerCase()
    const person = (await people.list()).find((one) => one.name === name)
    if (person) {
      await people.setPassword(person.id, password)
      if (person.disabled) await people.change(person.id, { disabled: false })
    } else if (name === firstName) await people.create(name, password, { role: 'administrator', tenant: null })
    else throw new OperatorError(`There is nobody called '${word}'. tidegate admin list shows who is there.`)
    terminal.print(password)
    terminal.tell(`'${name}' signs in with this password from now on; all of their sessions have ended.`)
  },

  async 'create-key'(storage, { name, tenant, expires }, terminal) {
    if (!name?.trim()) throw new UsageError('A key needs a name: --name NAME says later what it is for.')
    if (tenant !== undefined) await requireTenant(storage, tenant)
    const standing: Standing =
      tenant === undefined ? { role: 'administrator', tenant: null } : { role: 'member', tenant }
    const expiresAt = expires === undefined ? undefined : parseExpiry(expires, new Date()).getTime()
    const { key, secret } = await openAdminKeys(storage).create({
      name: name.trim(),
      standing,
      by: 'tidegate admin',
      ...(expiresAt !== undefined && { expiresAt }),
    })
    terminal.print(secret)
    const reach = tenant === undefined ? 'everything' : `tenant ${tenant}`
    terminal.tell(`Admin key ${key.id} ('${name}', ${reach}) was made. Its secret is shown this once.`)
  },

  async keys(storage, _words, terminal) {
    const rows = (await openAdminKeys(storage).list()).map((key) => [
      key.id,
      key.name,
      key.tenant ?? 'everything',
      key.display,
      minute(key.createdAt),
      minute(key.lastUsedAt),
      minute(key.expiresAt),
      key.revokedAt !== null ? 'revoked' : key.expiresAt !== null && key.expiresAt <= Date.now() ? 'expired' : 'active',
    ])
    for (const line of table(['ID', 'NAME', 'SEES', 'KEY', 'CREATED', 'LAST USED', 'EXPIRES', 'STATUS'], rows))
      terminal.print(line)
  },

  async 'revoke-key'(storage, { word }, terminal) {
    if (word === undefined) throw new UsageError('Which key? tidegate admin keys shows their ids.')
    const key = await openAdminKeys(storage).revoke(word)
    if (!key) throw new OperatorError(`There is no admin key '${word}'. tidegate admin keys shows their ids.`)
    terminal.tell(`Admin key ${word} is revoked.`)
  },
}

const minute = (ms: number | null): string =>
  ms === null ? '-' : new Date(ms).toISOString().slice(0, 16).replace('T', ' ')
