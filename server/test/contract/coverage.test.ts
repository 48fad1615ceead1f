import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '../../..')

/** Checks of the contract, the quirks of the embedded engine among them, that nothing proves yet, each with the reason. */
const excused: Readonly<Record<string, string>> = {}

test('every check of the contract is the name of a test, or is excused with a reason', () => {
  const contract = readFileSync(join(root, 'docs/contract.md'), 'utf8')
  const checks = [...contract.matchAll(/^\| (T\d+|EM\d+) \|/gm)].map(([, name]) => name)
  expect(checks).toHaveLength(110 + 5)
  const tested = new Set<string>()
  for (const file of readdirSync(join(root, 'server'), { recursive: true, encoding: 'utf8' }))
    if (file.endsWith('.test.ts'))
      for (const title of titlesIn(readFileSync(join(root, 'server', file), 'utf8')))
        for (const [name] of title.matchAll(/\b(?:T|EM)\d+\b/g)) tested.add(name)
  expect(checks.filter((name = '') => !tested.has(name) && !(name in excused))).toEqual([])
  expect(Object.keys(excused).filter((name) => tested.has(name))).toEqual([])
})

const rawRows = 'speaks of endpoints that take tokens: nobody speaks to them yet'

/** Quirks of engines that nothing proves yet, each with the reason. */
const excusedRows: Readonly<Record<string, string>> = {
  SG16: rawRows,
  VL13: rawRows,
  LS3: rawRows,
  LS9: rawRows,
}

test('every quirk of the engines that we speak to is the name of a test, or is excused with a reason', () => {
  const contract = readFileSync(join(root, 'docs/contract.md'), 'utf8')
  const rows = [...contract.matchAll(/^\| ((?:SG|VL|LS|DS|OA)\d+) \|/gm)].map(([, name = '']) => name)
  expect(rows).toHaveLength(18 + 15 + 10 + 12 + 13)
  const files = ['sglang', 'vllm', 'llama-server', 'deepseek', 'openai'].map((kind) => `${kind}-api.test.ts`)
  const titles = files.flatMap((file) => titlesIn(readFileSync(join(import.meta.dirname, file), 'utf8')))
  const tested = new Set(titles.flatMap((title) => /^((?:[A-Z]+\d+(?:, )?)+): /.exec(title)?.[1]?.split(', ') ?? []))
  expect(rows.filter((row) => !tested.has(row) && !(row in excusedRows))).toEqual([])
  expect(Object.keys(excusedRows).filter((row) => tested.has(row))).toEqual([])
})

/** @returns the titles of the tests of a file, and the first cells of the rows that become tests, such as `['T15', …` */
function titlesIn(source: string): string[] {
  const titles = source.matchAll(/^ *(?:test|describe)\((['"`])(.+?)\1,/gm)
  const titlesOfTables = source.matchAll(/^ *(?:\]|test\.each.*)\)\(\s*(['"`])(.+?)\1,/gm)
  const firstCells = source.matchAll(/^ *\[\s*(['"`])((?:[TC]\d+(?:, )?)+)\1,/gm)
  return [...titles, ...titlesOfTables, ...firstCells].map(([, , title = '']) => title)
}
