import { expect, test } from 'vitest'
import { onEachStore, temporaryStorage } from '../../test/stores.ts'
import { OperatorError } from '../lib/operator-error.ts'
import { openKeyRegister } from './key-register.ts'
import { openKeys } from './keys.ts'
import { openProjects, type Project } from './projects.ts'
import { ensureTenant } from './tenants.ts'

async function opened() {
  const { open } = await temporaryStorage()
  const storage = await open()
  for (const tenant of ['acme', 'other']) await ensureTenant(storage.db, tenant, 0)
  const elsewhere = openKeys(await open())
  const projects = openProjects(storage, () => 7)
  const made = async (name: string, tenant = 'acme'): Promise<Project> => {
    const project = await projects.create({ tenant, name })
    if (project === 'taken') throw new Error(`'${name}' is taken`)
    return project
  }
  return { storage, keys: openKeys(storage), elsewhere, projects, made }
}

onEachStore(() => {
  test('a tenant has projects by their names, each once, and sees no others', async () => {
    const { projects, made } = await opened()
    const [web, batch] = [await made('web'), await made('batch')]
    const foreign = await made('web', 'other')
    expect(web).toMatchObject({ id: expect.stringMatching(/^proj_[0-9a-f]{16}$/), createdAt: 7, archivedAt: null })
    expect(await projects.create({ tenant: 'acme', name: 'web' })).toBe('taken')
    expect(await projects.list({ tenant: 'acme' })).toEqual([batch, web])
    expect(await projects.list({ after: web, limit: 1 })).toEqual([foreign])
    expect(await projects.find('web', 'acme')).toEqual(web)
    expect(await projects.find(web.id, undefined)).toEqual(web)
    expect(await projects.find(foreign.id, 'acme')).toBeUndefined()
    expect(await projects.find('web', undefined)).toBeUndefined()
    const impostor = await made(web.id)
    expect(await projects.find(web.id, 'acme')).toEqual(web)
    expect(impostor.id).not.toBe(web.id)
  })

  test('what is changed is changed for one tenant only, and the rest stays', async () => {
    const { projects, made } = await opened()
    const [web] = [await made('web'), await made('batch')]
    const limits = { concurrency: 2, budget: { month: '5' } }
    expect(await projects.change(web.id, 'acme', { limits: () => limits })).toEqual({ ...web, limits })
    expect(await projects.change(web.id, 'other', { name: 'stolen' })).toBeUndefined()
    expect(await projects.change(web.id, 'acme', { name: 'batch' })).toBe('taken')
    const renamed = await projects.change(web.id, undefined, {
      name: 'site',
      limits: (before) => ({ ...before, requestsPerMinute: 9 }),
    })
    expect(renamed).toEqual({ ...web, name: 'site', limits: { ...limits, requestsPerMinute: 9 } })
    expect(await projects.change(web.id, 'acme', { archived: true })).toMatchObject({ name: 'site', archivedAt: 7 })
    expect((await projects.list({ tenant: 'acme', archived: false })).map(({ name }) => name)).toEqual(['batch'])
    expect(await projects.change(web.id, 'acme', { archived: false })).toMatchObject({ archivedAt: null })
  })

  test('a key is counted for its project with the limits of now, in every process', async () => {
    const { storage, keys, elsewhere, projects, made } = await opened()
    const web = await made('web')
    const { key, secret } = await keys.create({ name: 'ci', tenant: 'acme', project: web.id })
    const { secret: free } = await keys.create({ name: 'free', tenant: 'acme' })
    const project = { id: web.id, name: 'web', archived: false }
    expect(key.project).toEqual(project)
    const used = async (of: string) => (await elsewhere.authenticate(`Bearer ${of}`)).project
    expect([await used(secret), await used(free)]).toEqual([{ id: web.id, limits: {} }, undefined])
    await projects.change(web.id, 'acme', { limits: () => ({ concurrency: 3 }) })
    await expect.poll(() => used(secret)).toEqual({ id: web.id, limits: { concurrency: 3 } })
    const register = openKeyRegister(storage)
    expect((await register.list({ project: web.id, limit: 9 })).map(({ name }) => name)).toEqual(['ci'])
    expect(await register.change(key.id, 'acme', { name: 'ci 2' })).toMatchObject({ name: 'ci 2', project })
  })

  test('keys of an archived project are refused and told why, until it is restored; none is made in it', async () => {
    const { keys, elsewhere, projects, made } = await opened()
    const web = await made('web')
    const { secret } = await keys.create({ name: 'ci', tenant: 'acme', project: web.id })
    const tried = async (by: typeof keys) =>
      by.authenticate(`Bearer ${secret}`).then(
        () => 'accepted',
        (error: Error) => error.message,
      )
    expect(await tried(elsewhere)).toBe('accepted')
    await projects.change(web.id, 'acme', { archived: true })
    expect(await tried(keys)).toMatch('The project of this API key is archived.')
    await expect.poll(() => tried(elsewhere)).toMatch('is archived')
    await expect(keys.create({ name: 'x', tenant: 'acme', project: web.id })).rejects.toThrow('restore it first')
    await projects.change(web.id, 'acme', { archived: false })
    await expect.poll(() => tried(elsewhere)).toBe('accepted')
    const [key] = await keys.list()
    expect(await keys.revoke(key?.id ?? '')).toBe('revoked')
    expect(await tried(keys)).toMatch('is invalid')
  })

  test('a key is made in no project of another tenant', async () => {
    const { keys, made } = await opened()
    const web = await made('web')
    const make = (tenant: string, project: string) => keys.create({ name: 'x', tenant, project })
    await expect(make('other', web.id)).rejects.toThrow(OperatorError)
    await expect(make('acme', 'proj_none')).rejects.toThrow("The tenant 'acme' has no project 'proj_none'")
    expect(await keys.list()).toEqual([])
  })
})
