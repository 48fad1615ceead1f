/** Before all tests: the bundle is built once, and not by each service that they start. */
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'

export function setup(): void {
  try {
    execFileSync(process.execPath, [join(import.meta.dirname, '../build.ts')], {
      stdio: ['ignore', 'ignore', 'inherit'],
    })
  } catch {
    // What it said stands above. Only the tests of the console need it.
  }
}
