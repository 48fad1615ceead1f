import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import axe from 'axe-core'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { type RunningService, startProcess } from '../../server/test/process.ts'
import { launchBrowser } from './browser.ts'

export const administrator = { name: 'admin', password: 'correct horse battery' } as const

/** The service as an operator starts it, and a browser to look at it with. */
export interface Stage {
  readonly service: RunningService
  readonly origin: string
  /** A window of its own, with nothing of the others in it. What its page complains about fails the test: see `complaints`. */
  window(options?: BrowserContextOptions): Promise<Page>
  /** Errors of scripts, and what the Content-Security-Policy refused, in any window so far. */
  readonly complaints: readonly string[]
  close(): Promise<void>
}

/** @param config a tidegate.yaml; without one the service is as a first start finds it */
export async function openStage(config?: string): Promise<Stage> {
  const folder = mkdtempSync(join(tmpdir(), 'tidegate-stage-'))
  const file = join(folder, 'tidegate.yaml')
  if (config !== undefined) writeFileSync(file, config)
  const [service, browser] = await Promise.all([
    startProcess(config === undefined ? [] : ['--config', file], { TIDEGATE_ADMIN_PASSWORD: administrator.password }),
    launchBrowser(),
  ])
  const complaints: string[] = []
  return {
    service,
    origin: service.client.origin,
    complaints,
    window: (options) => openWindow(browser, service.client.origin, complaints, options),
    async close() {
      await browser.close()
      await service.stop()
      rmSync(folder, { recursive: true })
    },
  }
}

async function openWindow(
  browser: Browser,
  origin: string,
  complaints: string[],
  options: BrowserContextOptions = {},
): Promise<Page> {
  const context = await browser.newContext({
    baseURL: origin,
    locale: 'en-GB',
    viewport: { width: 1280, height: 800 },
    reducedMotion: 'reduce',
    ...options,
  })
  const page = await context.newPage()
  page.setDefaultTimeout(15_000)
  page.on('pageerror', (error) => complaints.push(`${page.url()}: ${error.message}`))
  page.on('console', (message) => {
    // A refusal of the API is written there by the browser itself, and is for the page to show.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
      complaints.push(`${page.url()}: ${message.text()}`)
  })
  return page
}

export async function signIn(
  page: Page,
  { name, password }: { readonly name: string; readonly password: string } = administrator,
): Promise<void> {
  if (!page.url().includes('/console')) await page.goto('/console/')
  await page.getByLabel('User name').fill(name)
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page
    .getByRole('navigation', { name: 'Pages' })
    .or(page.getByRole('button', { name: 'Open the menu' }))
    .first()
    .waitFor()
}

/** What axe finds against WCAG 2.2 A and AA on the page as it stands. */
export async function violations(page: Page): Promise<readonly string[]> {
  // By the way of the debugger: the page itself allows no script that is not its own.
  await page.evaluate(axe.source)
  return page.evaluate(async () => {
    type Axe = {
      run(
        options: object,
      ): Promise<{ violations: { id: string; nodes: { html: string; failureSummary?: string }[] }[] }>
    }
    const { axe: runner } = window as unknown as { axe: Axe }
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']
    const found = await runner.run({ runOnly: { type: 'tag', values: tags } })
    return found.violations.flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 200)} ${failureSummary}`),
    )
  })
}
