import { exec, spawnSync } from 'node:child_process'
import { promisify } from 'node:util'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openStage, type Stage, signIn } from './fixture.ts'

let stage: Stage
let page: Page
beforeAll(async () => {
  stage = await openStage()
  page = await stage.window()
})
afterAll(() => stage.close())

const ask = (key: string, content = 'Hello!') =>
  fetch(`${stage.origin}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'deepseek-v4-flash', messages: [{ role: 'user', content }], user_id: 'user-7' }),
  })

/** Makes a key by the page, and returns its secret. */
async function createKey(name: string, project?: string): Promise<string> {
  await page.goto('/console/keys')
  await page.getByRole('button', { name: 'Create key' }).first().click()
  await page.getByRole('dialog').getByLabel('Name').fill(name)
  if (project) await page.getByRole('dialog').getByLabel('Project').selectOption({ label: project })
  await page.getByRole('dialog').getByRole('button', { name: 'Create key' }).click()
  const secret = await page.getByLabel('The key', { exact: true }).innerText()
  expect(await page.getByRole('dialog').innerText()).toContain(`Authorization: Bearer ${secret}`)
  await page.getByRole('button', { name: 'I have copied it' }).click()
  return secret
}

test('a wrong password is refused, the right one shows a service that nobody has asked anything', async () => {
  await page.goto('/console/')
  await page.getByLabel('User name').fill('admin')
  await page.getByLabel('Password').fill('wrong password')
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('alert').waitFor()
  await signIn(page)
  await page.getByText('Your first request').waitFor()
  expect(await page.getByText('is answered by its stand-in tidegate-demo').count()).toBe(1)
})

test('a key is made, used, seen in the log and in the usage, and revoked', async () => {
  const secret = await createKey('weather bot')
  const answer = await ask(secret)
  expect(answer.status).toBe(200)

  await page.goto('/console/requests')
  await page.getByRole('cell', { name: /weather bot/ }).waitFor()
  await page
    .getByRole('row', { name: /weather bot/ })
    .getByRole('link')
    .click()
  await expect.poll(() => page.getByRole('dialog').innerText()).toMatch(/Timeline[\s\S]*Answering[\s\S]*user-7/)
  await page.keyboard.press('Escape')

  await page.goto('/console/usage?group=key')
  await page.getByRole('button', { name: 'Show as a table' }).first().click()
  await expect.poll(() => page.getByRole('table', { name: 'Tokens' }).innerText()).toMatch(/weather bot[\s\S]*\d/)

  await page.goto('/console/keys')
  await page.getByRole('link', { name: 'weather bot' }).click()
  await page.getByRole('button', { name: 'Revoke key' }).click()
  await page.getByText('This cannot be undone').waitFor()
  await page.getByRole('button', { name: 'Revoke key' }).click()
  await page.getByRole('row', { name: /weather bot.*Revoked/ }).waitFor({ state: 'attached' })
  expect((await ask(secret)).status).toBe(401)
})

test('a project is made at its tenant, a key is made in it, and its usage is told apart; archived, it refuses the key', async () => {
  await page.goto('/console/tenants/default')
  await page.getByRole('button', { name: 'New project' }).click()
  await page.getByRole('dialog').getByLabel('Name').fill('web site')
  await page.getByRole('dialog').getByRole('button', { name: 'Create' }).click()
  await page.getByRole('button', { name: 'web site' }).waitFor()
  const secret = await createKey('of the site', 'web site')
  expect((await ask(secret)).status).toBe(200)
  await page.getByRole('row', { name: /of the site.*web site/ }).waitFor({ state: 'attached' })

  // The log is written a moment after the answer.
  await page.goto('/console/requests')
  await page.getByRole('cell', { name: /of the site/ }).waitFor()
  await page.goto('/console/usage?group=project')
  await page.getByRole('button', { name: 'Show as a table' }).first().click()
  await page.getByRole('columnheader', { name: 'web site' }).waitFor()

  await page.goto('/console/tenants/default')
  await page.getByRole('button', { name: 'web site' }).click()
  await page.getByRole('switch', { name: 'Archived' }).check()
  await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click()
  await page.getByRole('row', { name: /web site.*Archived/ }).waitFor({ state: 'attached' })
  expect((await ask(secret)).status).toBe(401)
})

test('keys and requests are narrowed to a project', async () => {
  const names = () => page.locator('tbody tr').allInnerTexts()
  await page.goto('/console/keys')
  await expect.poll(async () => (await names()).length).toBeGreaterThan(2)
  await page.getByLabel('Project').selectOption({ label: 'web site · default · Archived' })
  await expect.poll(names).toEqual([expect.stringContaining('of the site')])
  // The address can be sent to somebody.
  await page.reload()
  await expect.poll(names).toEqual([expect.stringContaining('of the site')])

  await page.goto('/console/requests')
  await expect.poll(async () => (await names()).length).toBe(2)
  await page.getByLabel('Project').focus()
  await page.keyboard.type('web')
  await expect.poll(names).toEqual([expect.stringContaining('of the site')])
  await page.locator('tbody tr a').click()
  await page.getByRole('dialog').getByRole('link', { name: 'web site' }).waitFor()
  await page.keyboard.press('Escape')
  await page.getByLabel('Project').selectOption({ label: 'Project: All' })
  await expect.poll(async () => (await names()).length).toBe(2)
  expect(new URL(page.url()).search).toBe('')
})

/** What a newcomer does with what the page gives them. */
test.skipIf(spawnSync('curl', ['--version']).error !== undefined)(
  'the command that is copied with a new key is answered as it stands',
  async () => {
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
    await page.goto('/console/keys?new=yes')
    await page.getByRole('dialog').getByLabel('Name').fill('pasted')
    await page.getByRole('dialog').getByRole('button', { name: 'Create key' }).click()
    await page.getByRole('button', { name: 'Copy' }).last().click()
    await page.getByText('Copied').first().waitFor()
    const command = await page.evaluate(() => navigator.clipboard.readText())
    const { stdout } = await promisify(exec)(command.replace('curl ', 'curl --silent '))
    expect(JSON.parse(stdout).choices[0].message.content).toContain('Hello')
    await page.getByRole('button', { name: 'I have copied it' }).click()
  },
)

test('a key is made with the keyboard alone', async () => {
  await page.goto('/console/')
  await page.getByRole('heading', { name: 'Overview' }).waitFor()
  await page.keyboard.press('g')
  await page.keyboard.press('k')
  await page.getByRole('heading', { name: 'API keys' }).waitFor()
  await page.keyboard.press('c')
  await page.getByRole('dialog').waitFor()
  const focused = () => page.evaluate(() => document.activeElement?.closest('dialog') !== null)
  // Round and round: the focus stays within.
  for (let presses = 0; presses < 14; presses++) await page.keyboard.press('Tab')
  await expect
    .poll(async () => (await focused()) || page.evaluate(() => document.activeElement === document.body))
    .toBe(true)
  await page.getByRole('dialog').getByLabel('Name').focus()
  await page.keyboard.type('by hand')
  await page.keyboard.press('Enter')
  await page.getByText('Copy the key now').waitFor()
  // Nothing loses it but the button that says so.
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'I have copied it' }).press('Enter')
  await page.getByRole('link', { name: 'by hand' }).waitFor()
  await page.keyboard.press('Control+k')
  await page.keyboard.type('usage')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Usage' }).waitFor()
})

test('two tenants cannot see one another', async () => {
  for (const tenant of ['acme', 'globex']) {
    await page.goto('/console/tenants')
    await page.getByRole('button', { name: 'Create tenant' }).click()
    await page.getByRole('dialog').getByRole('textbox', { name: 'Id' }).fill(tenant)
    await page.getByRole('dialog').getByRole('button', { name: 'Create tenant' }).click()
    await page.getByRole('link', { name: tenant, exact: true }).waitFor()
    await page.goto('/console/people')
    await page.getByRole('button', { name: 'Add person' }).click()
    await page.getByRole('dialog').getByLabel('User name').fill(`${tenant}-user`)
    await page.getByRole('dialog').getByLabel('Password').fill(`${tenant} has a password`)
    await page.getByRole('dialog').getByLabel('Tenant').selectOption(tenant)
    await page.getByRole('dialog').getByRole('button', { name: 'Add person' }).click()
    await page.getByRole('cell', { name: `${tenant}-user`, exact: true }).waitFor()
  }
  const windows = await Promise.all(
    ['acme', 'globex'].map(async (tenant) => {
      const own = await stage.window()
      await signIn(own, { name: `${tenant}-user`, password: `${tenant} has a password` })
      await own.goto('/console/keys?new=yes')
      await own.getByRole('dialog').getByLabel('Name').fill(`key of ${tenant}`)
      await own.getByRole('dialog').getByRole('button', { name: 'Create key' }).click()
      await own.getByRole('button', { name: 'I have copied it' }).click()
      await own.getByRole('link', { name: `key of ${tenant}` }).waitFor()
      return own
    }),
  )
  for (const [at, own] of windows.entries()) {
    await own.goto('/console/keys')
    await own.getByRole('link', { name: /key of/ }).waitFor()
    expect(await own.getByRole('table').innerText()).not.toContain(at === 0 ? 'key of globex' : 'key of acme')
    await own.goto('/console/tenants')
    await own.getByRole('link', { name: at === 0 ? 'acme' : 'globex' }).waitFor()
    expect(await own.getByRole('row').count()).toBe(2)
    expect(await own.getByRole('navigation', { name: 'Pages' }).innerText()).not.toContain('Audit trail')
  }
})

test('nothing was against the policy of the page', () => {
  expect(stage.complaints).toEqual([])
})
