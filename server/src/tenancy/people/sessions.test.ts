import { expect, test } from 'vitest'
import { onEachStore, temporaryStorage } from '../../../test/stores.ts'
import type { Passwords } from './passwords.ts'
import { openPeople } from './people.ts'
import { openSessions } from './sessions.ts'

/** Passwords as they stand: what is tested here is who may try how often. */
const plain: Passwords = {
  hash: async (password) => password,
  matches: async (password, known) => password === known,
}

const hourMs = 3_600_000

async function setUp() {
  const { open } = await temporaryStorage()
  const storage = await open()
  const clock = { now: 1_000_000_000_000 }
  const now = () => clock.now
  const people = openPeople(storage, plain, now)
  const alice = await people.create('Alice', 'right', { role: 'administrator', tenant: null })
  const sessions = openSessions(storage, plain, now)
  const elsewhere = openSessions(await open(), plain, now)
  const signIn = async (password: string, { name = 'alice', address = '192.0.2.1', at = sessions } = {}) => {
    const found = await at.signIn(name, password, address)
    return 'refused' in found ? (found.refused === 'throttled' ? found.waitMs : found.refused) : found
  }
  return { storage, clock, people, alice, sessions, elsewhere, signIn }
}

onEachStore(() => {
  test('a session is found in every process until nobody used it for a day, and for two weeks at most', async () => {
    const { clock, sessions, elsewhere } = await setUp()
    const found = await sessions.signIn('ALICE', 'right', '192.0.2.1')
    if ('refused' in found) throw new Error(found.refused)
    for (let hours = 0; hours < 335; hours += 23) {
      expect((await elsewhere.find(found.token))?.person.name, `after ${hours} hours`).toBe('alice')
      clock.now += 23 * hourMs
    }
    expect(await elsewhere.find(found.token)).toBeUndefined()

    const other = await sessions.signIn('alice', 'right', '192.0.2.1')
    if ('refused' in other) throw new Error(other.refused)
    clock.now += 24 * hourMs - 1
    expect(await sessions.find(other.token)).toBeDefined()
    clock.now += 24 * hourMs
    expect(await sessions.find(other.token)).toBeUndefined()
  })

  test('what lies in the database opens no session', async () => {
    const { storage, sessions } = await setUp()
    const found = await sessions.signIn('alice', 'right', '192.0.2.1')
    const [row] = await storage.db.selectFrom('sessions').selectAll().execute()
    expect(JSON.stringify(row)).not.toContain('token' in found ? found.token : '')
    expect(await sessions.find(row?.hash ?? '')).toBeUndefined()
  })

  test('a name may be guessed ten times, then ever more rarely, at last once a minute, wherever the guess comes from', async () => {
    const { clock, signIn, elsewhere } = await setUp()
    for (let i = 0; i < 10; i++) expect(await signIn('wrong', { address: `192.0.2.${i}` })).toBe('wrong')
    const waits: unknown[] = []
    for (let i = 10; i < 20; i++) {
      const address = `192.0.2.${i}`
      const wait = await signIn('wrong', { address, at: elsewhere })
      waits.push(wait)
      clock.now += Number(wait) - 1
      expect(await signIn('right', { address })).toBe(1)
      clock.now += 1
      expect(await signIn('wrong', { address })).toBe('wrong')
    }
    expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000, 60_000])
    clock.now += 60_000
    expect(await signIn('right', { address: '192.0.2.200' })).toHaveProperty('token')
    expect(await signIn('wrong', { address: '192.0.2.201' })).toBe('wrong')
    expect(await signIn('right', { address: '192.0.2.202' })).toHaveProperty('token')
  })

  test('an address that guesses at many names is slowed down for up to a quarter of an hour; others are not', async () => {
    const { clock, signIn } = await setUp()
    for (let i = 0; i < 20; i++) expect(await signIn('wrong', { name: `n${i}` })).toBe('wrong')
    expect(await signIn('right')).toBe(1_000)
    expect(await signIn('right', { address: '192.0.2.2' })).toHaveProperty('token')
    for (let i = 0; i < 12; i++) {
      clock.now += 15 * 60_000
      expect(await signIn('wrong', { name: `m${i}` })).toBe('wrong')
    }
    expect(await signIn('right')).toBe(15 * 60_000)
    clock.now += hourMs + 1
    expect(await signIn('right')).toHaveProperty('token')
  })

  test('many tries at once count, too', async () => {
    const { signIn } = await setUp()
    const tries = await Promise.all(Array.from({ length: 30 }, () => signIn('wrong')))
    expect(tries.filter((outcome) => outcome === 'wrong')).toHaveLength(10)
  })

  test('who signs in often and rightly is never slowed down', async () => {
    const { signIn } = await setUp()
    for (let i = 0; i < 40; i++) expect(await signIn('right')).toHaveProperty('token')
  })

  test('the first start makes one administrator, and a later one nobody', async () => {
    const storage = await (await temporaryStorage()).open()
    const people = openPeople(storage, plain)
    const made = await people.ensureFirst(undefined)
    expect(made).toMatch(/^\w{20}$/)
    expect(await people.list()).toMatchObject([{ name: 'admin', role: 'administrator', tenant: null }])
    expect(await people.ensureFirst(undefined)).toBeUndefined()
    expect(await people.ensureFirst('given')).toBeUndefined()
    expect(await people.list()).toHaveLength(1)
  })

  test('a password that the operator gives is not told back, and not taken when it is no line', async () => {
    const storage = await (await temporaryStorage()).open()
    const people = openPeople(storage, plain)
    await expect(people.ensureFirst('two\nlines')).rejects.toThrow('TIDEGATE_ADMIN_PASSWORD must be one line')
    expect(await people.ensureFirst('given')).toBeUndefined()
    expect(await openSessions(storage, plain).signIn('admin', 'given', '::1')).toHaveProperty('token')
  })

  test('a name is there once, whatever its case', async () => {
    const { people } = await setUp()
    expect(await people.create('ALICE', 'x', { role: 'administrator', tenant: null })).toBeUndefined()
  })
})
