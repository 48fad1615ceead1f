/**
 * Builds the console into `console/dist`, compressed beforehand, if it is missing or older than its sources; with `--force` in any
 * case. `tidegate serve` does so by itself; an image without development tools gets it built (`npm run build:console`).
 */
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import { bundleIsFresh, consoleRoot, sourcesHash, stampName } from '../server/src/cli/console-bundle.ts'

const finalDir = join(consoleRoot, 'dist')
const lockDir = join(consoleRoot, 'dist-lock')
/** A build that was killed leaves its lock; none takes this long. */
const lockMs = 120_000

/** Browsers that know `light-dark()`, native dialogs and popovers: since spring 2024. */
const target = ['chrome123', 'firefox125', 'safari17.5']

async function buildConsole(): Promise<void> {
  // Whoever builds, tests among them, gets what operators get: React has a slow half for development.
  process.env.NODE_ENV = 'production'
  const { build } = await import('vite')
  const { default: react } = await import('@vitejs/plugin-react')
  const { default: tailwind } = await import('@tailwindcss/vite')
  const hash = sourcesHash() ?? ''
  // Somebody may be reading the one that is there: what is whole takes its place in one step.
  const outDir = join(consoleRoot, `dist-${process.pid}`)
  mkdirSync(outDir)
  try {
    await build({
      root: consoleRoot,
      configFile: false,
      base: '/console/',
      logLevel: 'warn',
      plugins: [react(), tailwind()],
      build: {
        outDir,
        target,
        cssTarget: target,
        modulePreload: { polyfill: false },
        assetsInlineLimit: 0,
        // A page asks for a few files, not for one for each icon.
        rolldownOptions: {
          output: {
            codeSplitting: {
              groups: [
                { name: 'react', test: /node_modules\/(react|react-dom|scheduler|@tanstack)\//, priority: 3 },
                { name: 'chart', test: /node_modules\/uplot\//, priority: 3 },
                {
                  name: 'shared',
                  test: /node_modules|console\/src\/(components\/(?!chart)|lib|messages\/messages)/,
                  minShareCount: 2,
                  priority: 1,
                },
              ],
            },
          },
        },
      },
    })
    compress(outDir)
    writeFileSync(join(outDir, stampName), hash)
    rmSync(finalDir, { recursive: true, force: true })
    renameSync(outDir, finalDir)
  } finally {
    rmSync(outDir, { recursive: true, force: true })
  }
}

/** A page is sent as it lies here: nothing is compressed while somebody waits. */
function compress(folder: string): void {
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!/\.(js|css|html|svg)$/.test(name)) continue
    const bytes = readFileSync(join(folder, name))
    const params = { [constants.BROTLI_PARAM_QUALITY]: 10 }
    writeFileSync(join(folder, `${name}.br`), brotliCompressSync(bytes, { params }))
    writeFileSync(join(folder, `${name}.gz`), gzipSync(bytes, { level: 9 }))
  }
}

/** Services that start together build once. @returns false while another process builds */
function lock(): boolean {
  try {
    mkdirSync(lockDir)
    return true
  } catch {
    const age = Date.now() - (statSync(lockDir, { throwIfNoEntry: false })?.mtimeMs ?? 0)
    if (age < lockMs) return false
    rmSync(lockDir, { recursive: true, force: true })
    return lock()
  }
}

if ((process.argv.includes('--force') || !bundleIsFresh()) && lock())
  try {
    await buildConsole()
  } finally {
    rmSync(lockDir, { recursive: true, force: true })
  }
