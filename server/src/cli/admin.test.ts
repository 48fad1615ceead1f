import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { scratch } from '../../test/scratch.ts'
import { openStorage } from '../storage/storage.ts'
import { createPasswords } from '../tenancy/people/passwords.ts'
import { openSessions } from '../tenancy/people/sessions.ts'
import { run } from './main.ts'

function shell() {
  const cwd = mkdtempSync(join(scratch, 'tidegate-cli-'))
  onTestFinished(() => rmSync(cwd, { recursive: true }))
  return {
    cwd,
    async tidegate(...args: readonly string[]) {
      const said = { code: 0, stdout: '', stderr: '' }
      said.code = await run(args, {
        env: {},
        cwd,
        print: (line) => {
          said.stdout += `${line}\n`
        },
        tell: (line) => {
          said.stderr += `${line}\n`
        },
        overwrite: () => {},
        interactive: false,
        colours: false,
      })
      return said
    },
  }
}

test('who forgot the password of admin gets a new one, alone on stdout; the old sessions are over', async () => {
  const { tidegate, cwd } = shell()
  const first = (await tidegate('admin', 'reset-password')).stdout.trim()
  expect(first).toMatch(/^\w{20}$/)
  const storage = await openStorage({ data: join(cwd, 'data') })
  const sessions = openSessions(storage, createPasswords(storage.secret))
  const found = await sessions.signIn('admin', first, '::1')
  if ('refused' in found) throw new Error(found.refused)
  const second = (await tidegate('admin', 'reset-password', 'ADMIN')).stdout.trim()
  expect(await sessions.find(found.token)).toBeUndefined()
  expect(await sessions.signIn('admin', first, '::1')).toMatchObject({ refused: 'wrong' })
  expect(await sessions.signIn('admin', second, '::1')).toHaveProperty('token')
  await storage.close()
  expect((await tidegate('admin', 'list')).stdout).toMatch(/^admin +administrator +- +\d{4}-\S+ \S+ +active$/m)
  expect(await tidegate('admin', 'reset-password', 'bob')).toMatchObject({ code: 1, stdout: '' })
})

test('admin keys are made, listed without their secret, and revoked', async () => {
  const { tidegate } = shell()
  const secret = (await tidegate('admin', 'create-key', '--name', 'backup', '--expires', '30d')).stdout.trim()
  expect(secret).toMatch(/^adm-\w{48}$/)
  expect((await tidegate('admin', 'create-key', '--name', 'x', '--tenant', 'acme')).code).toBe(1)
  await tidegate('tenants', 'create', 'acme')
  await tidegate('admin', 'create-key', '--name', 'acme', '--tenant', 'acme')
  const listed = (await tidegate('admin', 'keys')).stdout
  expect(listed).not.toContain(secret.slice(8, 40))
  expect(listed).toMatch(/backup +everything/)
  expect(listed).toMatch(/acme +acme/)
  const id = /^(admin_\w+) +backup/m.exec(listed)?.[1] ?? ''
  expect((await tidegate('admin', 'revoke-key', id)).code).toBe(0)
  expect((await tidegate('admin', 'keys')).stdout).toMatch(/backup.* revoked$/m)
  expect((await tidegate('admin', 'revoke-key', 'admin_none')).code).toBe(1)
  expect((await tidegate('admin', 'create-key')).code).toBe(2)
  expect((await tidegate('admin', 'nonsense')).code).toBe(2)
})
