/**
 * `npm run screenshots`: each page of the console, light and dark, on a desk and on a phone, into `docs/images`, where
 * docs/console.md shows them. With words behind it: only pages whose name has one of them.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { launchBrowser } from '../browser.ts'
import { signIn } from '../fixture.ts'
import { setup as buildConsole } from '../setup.ts'
import { type Look, looks, type Shot, shotsOf } from './pages.ts'
import { toPalette } from './palette-png.ts'
import { openScene, type Scene, sceneAt } from './scene.ts'

const folder = join(import.meta.dirname, '../../../docs/images')

async function shoot(browser: Browser, scene: Scene, look: Look, shots: readonly Shot[]): Promise<void> {
  const context = await browser.newContext({
    baseURL: scene.service.client.origin,
    locale: 'en-GB',
    timezoneId: 'UTC',
    reducedMotion: 'reduce',
    colorScheme: look.scheme,
    viewport: { width: look.width, height: look.height },
    deviceScaleFactor: look.scale,
    isMobile: look.width < 500,
    hasTouch: look.width < 500,
  })
  const page = await context.newPage()
  await page.clock.setFixedTime(sceneAt)
  const inside = shots.filter(({ signedOut }) => !signedOut)
  for (const shot of [...shots.filter(({ signedOut }) => signedOut), ...inside]) {
    if (shot === inside[0]) await signIn(page)
    await page.goto(`/console/${shot.path}`)
    await page.getByRole('heading', { name: shot.heading }).first().waitFor()
    await page.waitForFunction(() => !document.querySelector('[role=status][aria-label="Loading"]'))
    await shot.before?.(page)
    await page.evaluate(() => document.fonts.ready)
    const bytes = await take(page, look, shot)
    const file = join(folder, `${shot.name}-${look.name}.png`)
    writeFileSync(file, bytes)
    console.log(`${relative(process.cwd(), file)}: ${Math.round(bytes.length / 1_000)} kB`)
  }
  await context.close()
}

/** As long as the page is, within bounds: what scrolls within it is at its place. */
async function take(page: Page, look: Look, shot: Shot): Promise<Buffer> {
  const whole = await page.evaluate(() => document.documentElement.scrollHeight)
  const height = shot.signedOut ? look.height : Math.min(Math.max(look.height, whole), look.most)
  await page.setViewportSize({ width: look.width, height })
  const png = await page.screenshot({ animations: 'disabled', caret: 'hide' })
  await page.setViewportSize({ width: look.width, height: look.height })
  return toPalette(png)
}

const wanted = process.argv.slice(2)
mkdirSync(folder, { recursive: true })
buildConsole()
const browser = await launchBrowser()
try {
  const scene = await openScene()
  try {
    const shots = shotsOf(scene.ids).filter(
      ({ name }) => wanted.length === 0 || wanted.some((word) => name.includes(word)),
    )
    for (const look of looks) await shoot(browser, scene, look, shots)
  } finally {
    await scene.close()
  }
} finally {
  await browser.close()
}
