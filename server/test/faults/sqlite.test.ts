import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, onTestFinished, test } from 'vitest'
import { type Answer, bodyB, chunksOf, errorOf } from '../client.ts'
import { answer, content } from '../doubles/chat.ts'
import { startUpstream } from '../doubles/upstream.ts'
import { startProcess } from '../process.ts'
import { scratch } from '../scratch.ts'
import { writeConfig } from './one-engine.ts'
import { limitedFiles, type SmallDisk, smallFileSystem } from './small-disk.ts'

const clear = (refused: Answer) => [refused.status, errorOf(refused).code, refused.headers['retry-after']]
const refusal = [503, 'service_unavailable', '5']
const patience = { timeout: 30_000 }

/** A service on a disk, whose engine ends an answer to "slowly" when the test says so. */
async function started({ folder, environment }: Pick<SmallDisk, 'folder' | 'environment'>) {
  const gate = Promise.withResolvers<void>()
  const engine = await startUpstream(({ body }) => {
    const slowly = body?.messages?.at(-1).content === 'slowly'
    const { pieces } = answer(content('Hello'), content('!'))
    return { pieces: slowly ? [...pieces.slice(0, 2), gate.promise, ...pieces.slice(2)] : pieces }
  })
  const service = await startProcess([], {
    ...environment,
    TIDEGATE_CONFIG: writeConfig(folder, engine.url),
    TIDEGATE_DATA: folder,
  })
  const { client } = service
  /** What clients saw the end of. */
  const ends: string[] = []
  const ask = async (fields: Readonly<Record<string, unknown>> = {}) => {
    const got = await client.post(bodyB(fields))
    const whole = got.status === 200 && (!('stream' in fields) || chunksOf(got.text).done)
    if (whole) ends.push(String(got.headers['x-request-id']))
    return got
  }
  const ready = async () => {
    const { status, text } = await client.get('/health/ready', {})
    return [status, JSON.parse(text).database]
  }
  /** Questions that came to the engine. */
  const asked = () => engine.received.filter(({ method }) => method === 'POST').length
  return { ...service, asked, gate, ends, ask, ready }
}

/** Ended by its own means, it leaves a database that is whole, with one entry for each answer. */
async function wholeLedger(service: Awaited<ReturnType<typeof started>>, folder: string, broken: number) {
  expect((await service.run('ledger', 'verify')).code).toBe(0)
  expect(await service.stop()).toBe(0)
  const database = new DatabaseSync(join(folder, 'tidegate.db'))
  expect(database.prepare('pragma integrity_check').all()).toEqual([{ integrity_check: 'ok' }])
  const entries = database.prepare('select request, kind from ledger').all()
  expect(database.prepare('select * from holds').all()).toEqual([])
  database.close()
  expect(entries.filter(({ kind }) => kind !== 'usage')).toEqual([])
  const charged = entries.map(({ request }) => String(request))
  expect(new Set(charged).size).toBe(charged.length)
  expect(charged).toEqual(expect.arrayContaining(service.ends))
  expect(charged).toHaveLength(service.ends.length + broken)
}

test.for([
  ['a file system that is full', smallFileSystem],
  ['files that may not grow', limitedFiles],
] as const)(
  '%s: clear refusals, no unpaid answers, and it goes on without a restart',
  { timeout: 120_000 },
  async ([, make], { skip }) => {
    const disk = make()
    if (typeof disk === 'string') return skip(disk)
    const service = await started(disk)
    const { client, asked, ask, ends, ready } = service
    expect((await ask()).status).toBe(200)
    expect(await ready()).toEqual([200, 'ok'])

    // One is open when there is no room any more.
    const open = ask({ stream: true, messages: [{ role: 'user', content: 'slowly' }] })
    await expect.poll(asked, patience).toBe(2)
    disk.fill(service.process)
    await expect.poll(async () => (await ask()).status, patience).toBe(503)
    service.gate.resolve()
    const { chunks, done } = chunksOf((await open).text)
    expect([chunks.at(-1)?.error?.code, done]).toEqual(['generation_failed', false])
    const before = asked()
    for (const fields of [{}, { stream: true }]) expect(clear(await ask(fields))).toEqual(refusal)
    expect(asked()).toBe(before)
    await expect.poll(ready, patience).toEqual([503, 'unavailable'])
    expect((await client.get('/health/live', {})).status).toBe(200)

    disk.empty(service.process)
    await expect.poll(ready, patience).toEqual([200, 'ok'])
    for (const fields of [{}, { stream: true }]) expect((await ask(fields)).status).toBe(200)
    expect(ends.length).toBeGreaterThanOrEqual(3)
    await expect.poll(() => heldIn(disk.folder), patience).toBe(0)
    await wholeLedger(service, disk.folder, 1)
  },
)

const heldIn = (folder: string): unknown => {
  const database = new DatabaseSync(join(folder, 'tidegate.db'), { readOnly: true })
  try {
    return database.prepare('select count(*) as held from holds').get()?.held
  } finally {
    database.close()
  }
}

test('a database that another process locks: clear refusals, no unpaid answers, and it goes on when the lock is gone', {
  timeout: 120_000,
}, async () => {
  const folder = mkdtempSync(join(scratch, 'tidegate-locked-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const service = await started({ folder, environment: {} })
  const { asked, ask, ready } = service
  expect((await ask()).status).toBe(200)
  const open = ask({ stream: true, messages: [{ role: 'user', content: 'slowly' }] })
  await expect.poll(asked, patience).toBe(2)
  // The service writes its log just now, perhaps.
  const other = new DatabaseSync(join(folder, 'tidegate.db'), { timeout: 10_000 })
  other.exec('begin immediate')
  service.gate.resolve()
  expect(chunksOf((await open).text).done).toBe(false)
  expect(clear(await ask())).toEqual(refusal)
  await expect.poll(ready, patience).toEqual([503, 'unavailable'])
  other.exec('rollback')
  other.close()
  await expect.poll(ready, patience).toEqual([200, 'ok'])
  expect((await ask()).status).toBe(200)
  await expect.poll(() => heldIn(folder), patience).toBe(0)
  await wholeLedger(service, folder, 1)
})
