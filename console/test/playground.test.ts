import type { Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { openStage, type Stage, signIn } from './fixture.ts'

let stage: Stage
let page: Page
beforeAll(async () => {
  stage = await openStage()
  page = await stage.window()
  await signIn(page)
})
afterAll(() => stage.close())
beforeEach(async () => {
  await page.goto('/console/playground')
  await page.getByRole('heading', { name: 'Playground' }).waitFor()
})

const answers = () => page.getByRole('article')

test('an answer is streamed, with its thinking folded, and its figures below', async () => {
  await page.getByRole('button', { name: 'Think it through' }).click()
  await page.getByText('ended: stop').waitFor()
  const thinking = answers().getByRole('group').first()
  expect(await thinking.getAttribute('open')).toBeNull()
  await thinking.locator('summary').click()
  expect(await thinking.innerText()).toMatch(/\w+/)
  await expect.poll(() => answers().innerText()).toMatch(/42/)
  expect(await answers().innerText()).toMatch(
    /\d+ in \(\d+ cached\) · \d+ out \(\d+ reasoning\)[\s\S]*tokens\/s[\s\S]*first token/,
  )
})

test('a tool is called, and the model goes on with what it answered', async () => {
  await page.getByRole('button', { name: 'Call a tool' }).click()
  await page.getByText('ended: tool_calls').waitFor()
  expect(await answers().innerText()).toMatch(/get_weather[\s\S]*"city": "Oslo"/)
  await page.getByLabel('What the tool answers').fill('{"temperature": 7, "sky": "rain"}')
  await page.getByRole('button', { name: 'Send the results' }).click()
  await expect.poll(() => answers().count()).toBe(2)
  await page.getByText('ended: stop').waitFor()
})

test('an answer keeps to a JSON Schema', async () => {
  await page.getByRole('button', { name: 'Answer in JSON' }).click()
  await page.getByText('ended: stop').waitFor()
  const text = await answers().locator('div').first().innerText()
  expect(JSON.parse(text)).toMatchObject({ name: expect.any(String), age: expect.any(Number) })
})

test('a stop is shown when it matched, and the whole request can be copied', async () => {
  await page.getByRole('button', { name: 'Stop at a word' }).click()
  await page.getByText('stop “help”').waitFor()
  await page.getByRole('button', { name: 'Copy as code' }).click()
  const dialog = page.getByRole('dialog')
  expect(await dialog.innerText()).toContain(`curl '${stage.origin}/v1/chat/completions'`)
  await dialog.getByRole('tab', { name: 'Python' }).click()
  expect(await dialog.innerText()).toContain('extra_body={"thinking": {"type": "disabled"}}')
  await page.keyboard.press('Escape')
  await expect.poll(() => page.getByRole('dialog').count()).toBe(0)
})

test('an error is shown as the API gives it', async () => {
  await page.getByRole('button', { name: 'Settings' }).click()
  await page.getByRole('dialog').getByLabel('Temperature').fill('9')
  await page.keyboard.press('Escape')
  await page.getByLabel('Message').fill('Hello!')
  await page.keyboard.press('Enter')
  await page.getByText('The API answered 400').waitFor()
  expect(await page.getByRole('alert').innerText()).toContain('"param": "temperature"')
})

test('nothing was against the policy of the page', () => {
  expect(stage.complaints).toEqual([])
})
