/** Which pages are photographed, and how. */
import type { Page } from 'playwright-core'
import type { Scene } from './scene.ts'

/** A theme on a device. */
export interface Look {
  readonly name: 'light' | 'dark' | 'phone-light' | 'phone-dark'
  readonly scheme: 'light' | 'dark'
  /** Of the page, in its own pixels. */
  readonly width: number
  readonly height: number
  /** A longer page is cut off below it. */
  readonly most: number
  readonly scale: number
}

const desk = { width: 1280, height: 800, most: 1500, scale: 1 } as const
const phone = { width: 360, height: 740, most: 1480, scale: 1.5 } as const

export const looks: readonly Look[] = [
  { name: 'light', scheme: 'light', ...desk },
  { name: 'dark', scheme: 'dark', ...desk },
  { name: 'phone-light', scheme: 'light', ...phone },
  { name: 'phone-dark', scheme: 'dark', ...phone },
]

export interface Shot {
  readonly name: string
  /** Behind `/console/`. */
  readonly path: string
  readonly heading: string
  readonly signedOut?: true
  /** What is done before the picture is taken. */
  readonly before?: (page: Page) => Promise<unknown>
}

export const shotsOf = (ids: Scene['ids']): readonly Shot[] => [
  { name: 'sign-in', path: '', heading: 'Sign in', signedOut: true },
  { name: 'overview', path: '', heading: 'Overview', before: drawn },
  { name: 'playground', path: 'playground', heading: 'Playground', before: answerQuestion },
  { name: 'keys', path: 'keys', heading: 'API keys' },
  { name: 'key', path: `keys/${ids.key}`, heading: 'help centre' },
  { name: 'create-key', path: 'keys?new=yes', heading: 'Create an API key' },
  { name: 'key-made', path: 'keys?new=yes', heading: 'Create an API key', before: createKey },
  { name: 'usage', path: 'usage', heading: 'Usage', before: drawn },
  { name: 'usage-by-key', path: 'usage?group=key&range=quarter', heading: 'Usage', before: drawn },
  { name: 'requests', path: 'requests', heading: 'Requests' },
  { name: 'request', path: `requests/${ids.request}`, heading: 'Timeline' },
  { name: 'request-failed', path: `requests/${ids.failed}`, heading: 'Timeline' },
  { name: 'models', path: 'models', heading: 'Models and engines' },
  { name: 'engine', path: 'models/gpu-1', heading: 'Conformance', before: check },
  { name: 'engine-down', path: 'models/qwen-2', heading: 'Conformance' },
  { name: 'tenants', path: 'tenants', heading: 'Tenants' },
  { name: 'tenant', path: 'tenants/acme', heading: 'Acme Support' },
  { name: 'end-users', path: 'end-users', heading: 'End users' },
  { name: 'people', path: 'people', heading: 'People' },
  { name: 'audit', path: 'audit', heading: 'Audit trail' },
  { name: 'settings', path: 'settings', heading: 'Settings' },
]

const drawn = (page: Page) => page.locator('canvas').first().waitFor()

async function answerQuestion(page: Page) {
  await page.getByLabel('Model').first().selectOption('tidegate-demo')
  await page.getByRole('button', { name: 'Think it through' }).click()
  await page.getByText('ended: stop').waitFor()
}

async function createKey(page: Page) {
  await page.getByRole('dialog').getByLabel('Name').fill('weather bot')
  await page.getByRole('dialog').getByRole('button', { name: 'Create key' }).click()
  await page.getByLabel('The key', { exact: true }).waitFor()
}

/** The first time it takes some seconds; then the report is there. */
async function check(page: Page) {
  const started = page.getByRole('button', { name: 'Check now' })
  await started.waitFor()
  if ((await page.getByText('Through Tidegate').count()) === 0) {
    await started.click()
    await page.getByText(/^Checked/).waitFor({ timeout: 180_000 })
  }
}
