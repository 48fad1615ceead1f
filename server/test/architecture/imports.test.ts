import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '../../src')

/** The rows of the house, from the roof down. Imports only go down; neighbours in a row do not import one another. */
const rows = [
  ['main.ts', 'worker.ts', 'cli'],
  ['workers.ts', 'gateway-process.ts'],
  ['service.ts', 'log.ts'],
  ['config.ts'],
  ['config'],
  ['http'],
  ['gateway'],
  ['tenancy', 'ledger', 'safety', 'routing', 'request-log'],
  ['engines', 'storage', 'check'],
  ['completion'],
  ['lib'],
]

const rowOf = (place: string) => rows.findIndex((row) => row.includes(place))
const placeOf = (file: string) => relative(root, file).split(sep)[0] ?? ''

const files = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
  .map((name) => join(root, name))

const importsOf = (file: string) =>
  [...readFileSync(file, 'utf8').matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)].map(([, path]) =>
    join(dirname(file), path ?? ''),
  )

test('there is a house to look at', () => {
  expect(files.length).toBeGreaterThan(20)
})

test.each(files.map((file) => [relative(root, file), file]))('%s imports only downward', (name, file) => {
  const own = placeOf(file)
  expect(rowOf(own), `${name} stands in a folder that is in no row`).toBeGreaterThanOrEqual(0)
  for (const imported of importsOf(file)) {
    const place = placeOf(imported)
    const allowed = place === own || rowOf(place) > rowOf(own) || mayImport(own, place)
    expect(allowed, `${name} must not import ${relative(root, imported)}`).toBe(true)
  }
})

/** The command line starts the server; nothing else reaches into `main.ts`. */
const mayImport = (own: string, place: string) => own === 'cli' && place === 'main.ts'

test('no path is read off an address: a folder with a space in its name has another one there', () => {
  for (const file of files) expect(readFileSync(file, 'utf8'), file).not.toMatch(/\.url\)\.pathname/)
})

/** V8 makes such a function old at once, and with it all that it sees (decision 0050). */
test('no function is written straight into a property', () => {
  const straight =
    /^\s*[\w.[\]?!#]+\.#?\w+ (?:\?\?|\|\|)?=\s+(?:async )?(?:function\b|\([^()]*\)(?:: [^=]+)? =>|\w+ =>)/m
  for (const file of files) expect(readFileSync(file, 'utf8').match(straight)?.[0], file).toBeUndefined()
})
