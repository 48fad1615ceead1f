import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Listening, listen, patient } from '../../server/test/doubles/replies.ts'
import { server } from '../../server/test/doubles/voice.ts'
import { voices } from '../../server/test/doubles/voices.ts'
import { openStage, type Stage, signIn } from './fixture.ts'

let engine: Listening
let stage: Stage
let page: Page
beforeAll(async () => {
  engine = await listen(patient(server(voices.sglang)))
  stage = await openStage(`
models:
  - { id: some, engines: [gpu], price: { inputPerMillion: 0.14, cachedInputPerMillion: 0.0028, outputPerMillion: 0.28, currency: USD } }
engines: [{ id: gpu, kind: sglang, url: "${engine.url}", model: some, face: chat }]
`)
  page = await stage.window()
  await signIn(page)
})
afterAll(async () => {
  await stage.close()
  engine.close()
})

test('a conformance check is begun from the page of an engine, and its report is shown there', async () => {
  await page.goto('/console/models')
  await page.getByRole('link', { name: 'gpu' }).click()
  const sheet = page.getByRole('dialog')
  await sheet.getByText('Not checked yet.').waitFor()
  await sheet.getByRole('button', { name: 'Check now' }).click()
  await sheet.getByRole('progressbar').waitFor()
  await sheet.getByText(/^Checked/).waitFor({ timeout: 120_000 })
  const report = await sheet.innerText()
  expect(report).toMatch(/The engine itself\s+\d+\s+Kept/)
  expect(report).toMatch(/Through Tidegate\s+\d+\s+Kept\s+0\s+Broken/)
  // An engine of this kind has no fingerprint; Tidegate gives its answers one.
  const row = sheet.getByRole('row', { name: /^C67/ })
  expect(await row.getByRole('img').evaluateAll((marks) => marks.map((mark) => mark.ariaLabel))).toEqual([
    'Broken',
    'Kept',
  ])
  await sheet.getByLabel('Only what is broken').check()
  await expect.poll(() => sheet.getByRole('row', { name: /JSON is taken without/ }).count()).toBe(0)
  expect(await row.count()).toBe(1)
}, 180_000)

test('an engine is taken out before it is stopped, and taken back in', async () => {
  await page.goto('/console/models/gpu')
  const sheet = page.getByRole('dialog')
  await sheet.getByRole('button', { name: 'Take out' }).click()
  await sheet.getByText('Draining').waitFor()
  await sheet.getByRole('button', { name: 'Take back in' }).click()
  await sheet.getByText('Healthy').waitFor()
})

test('nothing was against the policy of the page', () => {
  expect(stage.complaints).toEqual([])
})
