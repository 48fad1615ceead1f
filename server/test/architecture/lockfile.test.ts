import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

/** What `npm ci` needs on a machine that is not this one: another platform, another registry, an empty cache. */

interface Entry {
  readonly version?: string
  readonly integrity?: string
  readonly resolved?: string
  readonly name?: string
  readonly optional?: boolean
  /** Comes inside the bytes of the package that it stands in. */
  readonly inBundle?: boolean
  readonly os?: readonly string[]
}

const root = join(import.meta.dirname, '../../..')
const text = readFileSync(join(root, 'package-lock.json'), 'utf8')
const { '': _, ...packages }: Record<string, Entry> = JSON.parse(text).packages
const entries = Object.entries(packages)

/**
 * Completed by hand: the registry that the lockfile was written with did not have this version of them yet. npm writes such optional
 * packages without a version, and refuses its own lockfile ("Invalid Version", "Missing") where the registry has them.
 */
const withoutIntegrity = ['mac-arm64-metal', 'mac-x64', 'win-arm64', 'win-x64'].map(
  (name) => `node_modules/@node-llama-cpp/${name}`,
)

test('every package has a version, and its bytes are known', () => {
  expect(entries.length).toBeGreaterThan(150)
  expect(entries.filter(([, { version }]) => !version).map(([path]) => path)).toEqual([])
  expect(entries.filter(([, { integrity, inBundle }]) => !integrity && !inBundle).map(([path]) => path)).toEqual(
    withoutIntegrity,
  )
})

test('what is completed by hand is skipped on other platforms, and may be missing on its own', () => {
  const llama = packages['node_modules/node-llama-cpp']?.version
  for (const path of withoutIntegrity)
    expect(packages[path], path).toMatchObject({ version: llama, optional: true, os: [expect.any(String)] })
})

test('no host is named', () => {
  expect(entries.filter(([, { resolved }]) => resolved)).toEqual([])
  expect(text).not.toMatch(/registry\.|"https?:\/\/[^"]*\.tgz"/)
})

test.each([
  ['@biomejs/cli-', ['linux-x64', 'linux-arm64', 'darwin-arm64', 'darwin-x64', 'win32-x64']],
  [
    '@rolldown/binding-',
    ['linux-x64-gnu', 'linux-arm64-gnu', 'linux-x64-musl', 'darwin-arm64', 'darwin-x64', 'win32-x64-msvc'],
  ],
  ['@node-llama-cpp/', ['linux-x64', 'linux-arm64', 'mac-arm64-metal', 'mac-x64', 'win-x64']],
  ['node-', ['linux-x64', 'linux-arm64', 'bin-darwin-arm64', 'darwin-x64', 'win-x64']],
])('the packages of every platform are there: %s', (prefix, platforms) => {
  for (const platform of platforms) {
    const entry = packages[`node_modules/${prefix}${platform}`]
    expect(entry, platform).toMatchObject({ version: expect.any(String) })
    expect(entry?.name, `${platform} stands for another package`).toBeUndefined()
  }
})
