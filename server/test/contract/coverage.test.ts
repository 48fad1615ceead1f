import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '../../..')

/** Checks of the contract that nothing proves yet, each with the reason. */
const excused: Readonly<Record<string, string>> = {
  T100: 'continuing a stream on another replica comes with the unbroken stream',
  T105: 'continuing a stream on another replica comes with the unbroken stream',
  T106: 'continuing a stream on another replica comes with the unbroken stream',
}

test('every check of the contract is the name of a test, or is excused with a reason', () => {
  const contract = readFileSync(join(root, 'docs/contract.md'), 'utf8')
  const checks = [...contract.matchAll(/^\| (T\d+) \|/gm)].map(([, name]) => name)
  expect(checks).toHaveLength(110)
  const tested = new Set<string>()
  for (const file of readdirSync(join(root, 'server'), { recursive: true, encoding: 'utf8' }))
    if (file.endsWith('.test.ts'))
      // The title of a test, or the first cell of a row that becomes one.
      for (const [, title = ''] of readFileSync(join(root, 'server', file), 'utf8').matchAll(
        /(?:\b(?:test|it|describe)(?:\.each\([\s\S]*?\])?\)?\(\s*|\[\s*)(['"`]T?.*)$/gm,
      ))
        for (const [name] of title.matchAll(/\bT\d+\b/g)) tested.add(name)
  expect(checks.filter((name = '') => !tested.has(name) && !(name in excused))).toEqual([])
  expect(Object.keys(excused).filter((name) => tested.has(name))).toEqual([])
})
