import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inflate } from '@sparticuz/chromium'
import { type Browser, chromium } from 'playwright-core'

const packed = join(import.meta.dirname, '../../node_modules/@sparticuz/chromium')
const fontsFile = 'tidegate-fonts.conf'

/**
 * A Chromium that came inside an npm package: nothing is downloaded, and nothing needs to be installed on the machine. With the
 * flags of a browser as people use it: the policies of a page are kept, which the package's own flags switch off.
 */
export async function launchBrowser(): Promise<Browser> {
  const folder = await unpacked()
  const executablePath = join(folder, 'chromium')
  const env: Record<string, string> = {
    PATH: process.env.PATH ?? '',
    // The package's own fonts: pages look the same on every machine.
    FONTCONFIG_FILE: join(folder, fontsFile),
  }
  // A machine without libnss3 and the like gets them from the package, too.
  if (!starts(executablePath, env)) env.LD_LIBRARY_PATH = join(folder, 'al2023/lib')
  return chromium.launch({ executablePath, env, headless: true, args: ['--no-sandbox', '--disable-gpu'] })
}

const starts = (path: string, env: Record<string, string>): boolean =>
  spawnSync(path, ['--version', '--headless', '--no-sandbox'], { env }).status === 0

/** Where the package is unpacked. It is there whole or not at all, whoever else unpacks it now, and whoever was killed while they did. */
async function unpacked(): Promise<string> {
  const { version } = JSON.parse(readFileSync(join(packed, 'package.json'), 'utf8')) as { version: string }
  const folder = join(tmpdir(), `tidegate-browser-${version}`)
  if (existsSync(folder)) return folder
  const fresh = mkdtempSync(`${folder}-`)
  const archives = ['chromium.br', 'fonts.tar.br', 'swiftshader.tar.br', 'al2023.tar.br']
  await Promise.all(inTemporary(fresh, () => archives.map((name) => inflate(join(packed, 'bin', name)))))
  writeFileSync(join(fresh, fontsFile), fontsIn(folder))
  try {
    renameSync(fresh, folder)
  } catch {
    // Somebody was quicker.
    rmSync(fresh, { recursive: true })
  }
  return folder
}

/** The package's own says `/tmp/fonts`, which is not where they are here; a page without any font ends the browser's renderer. */
const fontsIn = (folder: string): string => `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>${folder}/fonts</dir>
  <cachedir>${folder}/fonts-cache</cachedir>
</fontconfig>
`

/** The package unpacks into the temporary folder, and looks where that is when it begins. */
function inTemporary<T>(folder: string, begin: () => T): T {
  const before = process.env.TMPDIR
  process.env.TMPDIR = folder
  try {
    return begin()
  } finally {
    if (before === undefined) delete process.env.TMPDIR
    else process.env.TMPDIR = before
  }
}
