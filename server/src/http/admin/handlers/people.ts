/** Who may sign in, and the keys of scripts. */
import type { AdminKey, AdminKeys } from '../../../tenancy/people/admin-keys.ts'
import type { People, Person, Role, Standing } from '../../../tenancy/people/people.ts'
import type { Tenants } from '../../../tenancy/tenants.ts'
import type { AdminKey as WireKey, Person as WirePerson } from '../contract.ts'
import { AdminError } from '../errors.ts'
import type { HandlersOf } from '../run.ts'
import { msOf, timeOf } from '../wire.ts'

export interface PeopleParts {
  readonly people: People
  readonly adminKeys: AdminKeys
  readonly tenants: Pick<Tenants, 'has'>
}

export function peopleHandlers({
  people,
  adminKeys,
  tenants,
}: PeopleParts): HandlersOf<
  | 'GET /admin/people'
  | 'POST /admin/people'
  | 'PATCH /admin/people/{id}'
  | 'PUT /admin/people/{id}/password'
  | 'GET /admin/admin-keys'
  | 'POST /admin/admin-keys'
  | 'POST /admin/admin-keys/{id}/revoke'
> {
  async function standingOf(role: Role, tenant: string | undefined): Promise<Standing> {
    if (role === 'administrator') {
      if (tenant === undefined) return { role, tenant: null }
      throw invalid("'tenant' must be absent: an administrator belongs to no tenant.")
    }
    if (tenant === undefined) throw invalid("'tenant' is missing: a member belongs to one.")
    if (!(await tenants.has(tenant))) throw invalid(`There is no tenant '${tenant}'.`)
    return { role, tenant }
  }

  return {
    async 'GET /admin/people'() {
      return { items: (await people.list()).map(wirePerson) }
    },

    async 'POST /admin/people'({ body: { name, password, role, tenant } }) {
      const person = await people.create(name, password, await standingOf(role, tenant))
      if (!person) throw new AdminError('conflict', `There is somebody called '${name}' already.`, { param: 'name' })
      return wirePerson(person)
    },

    async 'PATCH /admin/people/{id}'({ params: { id }, body: { role, tenant, disabled } }) {
      if (role === undefined && tenant !== undefined) throw invalid("'tenant' comes with 'role'.")
      const person = await people.change(id, {
        ...(role !== undefined && { standing: await standingOf(role, tenant) }),
        ...(disabled !== undefined && { disabled }),
      })
      if (!person) throw unknownPerson(id)
      if (person === 'last') throw new AdminError('conflict', 'Nobody would be left who may do everything.')
      return wirePerson(person)
    },

    async 'PUT /admin/people/{id}/password'({ params: { id }, body: { password } }) {
      if (!(await people.setPassword(id, password))) throw unknownPerson(id)
    },

    async 'GET /admin/admin-keys'() {
      return { items: (await adminKeys.list()).map(wireKey) }
    },

    async 'POST /admin/admin-keys'({ actor, body: { name, role, tenant, expiresAt } }) {
      const ends = msOf(expiresAt)
      if (ends !== undefined && ends <= Date.now())
        throw new AdminError('invalid-request', "'expiresAt' lies in the past.", { param: 'expiresAt' })
      const { key, secret } = await adminKeys.create({
        name,
        standing: await standingOf(role, tenant),
        by: actor.name,
        ...(ends !== undefined && { expiresAt: ends }),
      })
      return { key: wireKey(key), secret }
    },

    async 'POST /admin/admin-keys/{id}/revoke'({ params: { id } }) {
      const key = await adminKeys.revoke(id)
      if (!key) throw new AdminError('not-found', `There is no admin key '${id}'.`)
      return wireKey(key)
    },
  }
}

const invalid = (message: string) => new AdminError('invalid-request', message, { param: 'tenant' })
const unknownPerson = (id: string) => new AdminError('not-found', `There is no person '${id}'.`)

const wirePerson = ({ id, name, role, tenant, disabled, createdAt, lastSignInAt }: Person): WirePerson => ({
  id,
  name,
  role,
  tenant,
  disabled,
  createdAt: timeOf(createdAt),
  lastSignInAt: timeOf(lastSignInAt),
})

const wireKey = (key: AdminKey): WireKey => ({
  id: key.id,
  name: key.name,
  role: key.role,
  tenant: key.tenant,
  display: key.display,
  createdAt: timeOf(key.createdAt),
  createdBy: key.createdBy,
  expiresAt: timeOf(key.expiresAt),
  revokedAt: timeOf(key.revokedAt),
  lastUsedAt: timeOf(key.lastUsedAt),
})
