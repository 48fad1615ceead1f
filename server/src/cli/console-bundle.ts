/** The console's bundle: whether it was built from the sources as they are, and building it beside a service that starts. */
import { type ChildProcess, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { constants, setPriority } from 'node:os'
import { join } from 'node:path'

export const consoleRoot = join(import.meta.dirname, '../../../console')
/** In `dist`, written last: a bundle without it is not whole. */
export const stampName = 'stamp.txt'

/** Versions of the libraries change the bundle as much as our own lines do. */
const alsoHashed = ['index.html', 'build.ts', '../package-lock.json']

/** @returns undefined where the bundle came without its sources */
export function sourcesHash(): string | undefined {
  if (!existsSync(join(consoleRoot, 'src'))) return undefined
  const hash = createHash('sha256')
  const files = ['src', 'public'].flatMap((folder) =>
    readdirSync(join(consoleRoot, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !entry.name.endsWith('.test.ts'))
      .map((entry) => join(entry.parentPath, entry.name)),
  )
  for (const file of [...files.sort(), ...alsoHashed.map((name) => join(consoleRoot, name))])
    if (existsSync(file))
      hash.update(file.slice(consoleRoot.length)).update('\0').update(readFileSync(file)).update('\0')
  return hash.digest('hex')
}

export function bundleIsFresh(): boolean {
  const stamp = join(consoleRoot, 'dist', stampName)
  if (!existsSync(stamp)) return false
  const hash = sourcesHash()
  return hash === undefined || readFileSync(stamp, 'utf8') === hash
}

/**
 * Builds the bundle if it is missing or older than its sources, in a process of its own that makes way for the service. The page says
 * that it is being built for the seconds that it takes.
 * @returns the process, to be ended with the service; undefined when there is nothing to do
 */
export function buildBeside(tell: (line: string) => void): ChildProcess | undefined {
  if (bundleIsFresh() || !existsSync(join(consoleRoot, 'build.ts'))) return undefined
  const child = spawn(process.execPath, [join(consoleRoot, 'build.ts')], { stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr.on('data', (text) => {
    said = `${said}${text}`.slice(0, 2_000)
  })
  child.on('spawn', () => lowered(child.pid))
  child.on('error', (error) => tell(`the console could not be built: ${error.message}`))
  child.on('exit', (code) => {
    if (!code) return
    const why = said.includes('ERR_MODULE_NOT_FOUND')
      ? 'the tools for it are not installed. Build it with `npm run build:console` where they are.'
      : said.trim()
    tell(`the console could not be built: ${why}`)
  })
  return child
}

function lowered(pid: number | undefined): void {
  try {
    if (pid !== undefined) setPriority(pid, constants.priority.PRIORITY_LOW)
  } catch {
    // It has ended already, or the system does not allow it.
  }
}
