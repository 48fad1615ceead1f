import { expect, test } from 'vitest'
import { entriesOf, verifyLedger } from '../../src/ledger/audit.ts'
import { openProjects, type Project } from '../../src/tenancy/projects.ts'
import { bodyB, errorOf } from '../client.ts'
import { startOfMinute } from '../clock.ts'
import { onEachStore } from '../stores.ts'
import { doubled } from './harness.ts'

/** Keys of one project over HTTP: limited together, told apart in usage, and refused together. */

async function withProject(limits: Project['limits'] = {}) {
  const served = await doubled(['a·</think>·b·!'])
  const projects = openProjects(served.storage)
  const project = await projects.create({ tenant: 'default', name: 'web', limits })
  if (project === 'taken') throw new Error('taken')
  const keys = { tenant: 'default', project: project.id }
  return {
    ...served,
    project,
    first: await served.clientFor(keys),
    second: await served.clientFor(keys),
    change: (to: Parameters<typeof projects.change>[2]) => projects.change(project.id, 'default', to),
  }
}

onEachStore(() => {
  test('a limit of a project holds for all of its keys together, and the refusal says whose it is', async () => {
    startOfMinute()
    const { client, first, second, change, engine } = await withProject({ requestsPerMinute: 2 })
    const answer = await first.post(bodyB())
    expect([answer.status, answer.headers['x-ratelimit-remaining-requests']]).toEqual([200, '1'])
    expect((await second.post(bodyB())).status).toBe(200)
    for (const one of [first, second]) {
      const refused = await one.post(bodyB())
      expect([refused.status, errorOf(refused).code, errorOf(refused).message]).toEqual([
        429,
        'rate_limit_exceeded',
        expect.stringMatching(/^Rate limit reached for this project\. Retry after \d+ seconds\.$/),
      ])
    }
    expect((await client.post(bodyB())).status).toBe(200)

    await change({ limits: () => ({ budget: { total: '0.000001' } }) })
    const runs = engine.runs.length
    const spent = await second.post(bodyB())
    expect([spent.status, errorOf(spent)]).toEqual([
      402,
      {
        message: 'Insufficient Balance: the budget of this project is spent.',
        ...{ type: 'insufficient_balance', param: null, code: 'insufficient_balance' },
      },
    ])
    expect(engine.runs).toHaveLength(runs)
    expect((await client.post(bodyB())).status).toBe(200)
  })

  test('C131: what a project used is told apart, in the ledger and in the request log', async () => {
    const { client, first, second, project, storage, requests } = await withProject()
    for (const one of [client, first, second, second]) await one.ask({})
    const usage = async (query: string) => JSON.parse((await client.get(`/v1/usage?${query}`)).text)
    const { group_by: by, data } = await usage('group_by=project')
    const counts = data.map((row: { project: string | null; requests: number }) => [row.project, row.requests])
    expect([by, counts]).toEqual([
      ['project'],
      [
        [null, 1],
        [project.id, 3],
      ],
    ])
    expect((await usage(`group_by=key&project=${project.id}`)).data).toHaveLength(2)
    expect((await usage('group_by=day&project=proj_none')).data).toEqual([])
    const entries = await Array.fromAsync(entriesOf(storage), ({ entry }) => entry.project)
    expect(entries).toEqual([null, project.id, project.id, project.id])
    expect((await verifyLedger(storage)).problems).toEqual([])
    expect(requests.map((entry) => entry.project)).toEqual(entries)
  })

  test('keys of an archived project are refused with the reason, and served again when it is restored', async () => {
    const { client, first, change } = await withProject()
    await change({ archived: true })
    const refused = await first.post(bodyB())
    expect([refused.status, refused.headers['www-authenticate'], errorOf(refused)]).toEqual([
      401,
      'Bearer',
      {
        message: expect.stringMatching(/^The project of this API key is archived\./),
        ...{ type: 'authentication_error', param: null, code: 'invalid_api_key' },
      },
    ])
    expect((await client.post(bodyB())).status).toBe(200)
    await change({ archived: false })
    expect((await first.post(bodyB())).status).toBe(200)
  })
})
