import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { bodyB, longAnswer } from '../../server/test/client.ts'
import { openStage, type Stage, signIn } from './fixture.ts'

const config = `
models: [{ id: deepseek-v4-flash, engines: [demo] }]
engines: [{ id: demo, kind: llama, path: "${join(import.meta.dirname, '../../models/demo/tidegate-demo.gguf')}" }]
log: { record: all }
`

let stage: Stage
let page: Page
beforeAll(async () => {
  stage = await openStage(config)
  page = await stage.window()
  await signIn(page)
  const { client } = stage.service
  await client.ask({ stream: true, user_id: 'streamed', messages: [{ role: 'user', content: 'What is 17 + 25?' }] })
  await client.ask({ user_id: 'whole' })
  await client.post(bodyB({ temperature: 9, user_id: 'wrong' }))
  await hangUp()
  await page.goto('/console/requests')
  await page.waitForFunction(() => document.querySelectorAll('tbody tr').length === 4)
})
afterAll(() => stage.close())

/** Leaves when the answer has begun. */
async function hangUp() {
  const { origin, key } = stage.service.client
  const leaving = new AbortController()
  const response = await fetch(`${origin}/v1/chat/completions`, {
    method: 'POST',
    signal: leaving.signal,
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify(bodyB({ ...longAnswer(400), stream: true, user_id: 'left' })),
  })
  await response.body?.getReader().read()
  leaving.abort()
}

const outcomes = () => page.locator('tbody tr td:nth-child(2)').allInnerTexts()

test.each([
  ['Answered', ['stop', 'stop']],
  ['Failed', ['invalid_request_error']],
  ['Failed: invalid_request_error', ['invalid_request_error']],
  ['Client hung up', ['cancelled']],
  ['Answered: stop', ['stop', 'stop']],
])('the log shows what ended so: %s', async (label, expected) => {
  await page.goto('/console/requests')
  await page.getByLabel('Outcome').selectOption({ label })
  await expect.poll(outcomes).toEqual(expected)
  // The address can be sent to somebody.
  await page.reload()
  await expect.poll(outcomes).toEqual(expected)
})

test('the log shows streams, or whole answers', async () => {
  await page.goto('/console/requests?outcome=ok')
  for (const [label, user] of [
    ['Streams', 'streamed'],
    ['Plain answers', 'whole'],
  ] as const) {
    const answered = page.waitForResponse((response) => response.url().includes('streamed='))
    await page.getByLabel('Streamed or whole').selectOption({ label })
    await answered
    await expect.poll(outcomes).toEqual(['stop'])
    await page.locator('tbody tr a').click()
    await expect.poll(() => page.getByRole('dialog').innerText()).toContain(user)
    await page.keyboard.press('Escape')
  }
})

test('what matches no filter says how to see more', async () => {
  await page.goto('/console/requests?outcome=server_error')
  await page.getByText('Nothing matches these filters').waitFor()
})

test('a search that has not come to the end of the log says so, and goes on when asked', async () => {
  await page.route('**/admin/requests?**', async (route) => {
    const asked = new URL(route.request().url())
    if (asked.searchParams.get('cursor') !== 'further')
      return route.fulfill({ json: { items: [], next: 'further', newest: null } })
    asked.searchParams.delete('cursor')
    return route.fulfill({ response: await route.fetch({ url: asked.href }) })
  })
  await page.goto('/console/requests?outcome=left')
  await page.getByText('Nothing matches so far').waitFor()
  await page.getByRole('button', { name: 'Search older requests' }).click()
  await expect.poll(outcomes).toEqual(['cancelled'])
  await page.unroute('**/admin/requests?**')
})

test('with recording switched on a request shows what was asked and answered', async () => {
  await page.goto('/console/requests?user=streamed')
  await page.locator('tbody tr a').click()
  const sheet = page.getByRole('dialog')
  await sheet.getByLabel('Answer').waitFor()
  expect(await sheet.getByLabel('Answer').innerText()).toContain('42')
  await sheet.getByText('Request', { exact: true }).last().click()
  expect(JSON.parse(await sheet.getByLabel('Request', { exact: true }).last().innerText())).toMatchObject({
    messages: [{ role: 'user', content: 'What is 17 + 25?' }],
    stream: true,
  })
  expect(await sheet.innerText()).toContain('Kept until')
})

test('nothing was against the policy of the page', () => {
  expect(stage.complaints).toEqual([])
})
