import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { looks, shotsOf } from './pages.ts'

const docs = join(import.meta.dirname, '../../../docs')
const names = shotsOf({ key: '', request: '', failed: '' }).map(({ name }) => name)

test('there is a small picture of each page in each look, and no other', () => {
  const files = readdirSync(join(docs, 'images'))
  expect(files.toSorted()).toEqual(names.flatMap((name) => looks.map((look) => `${name}-${look.name}.png`)).toSorted())
  const sizes = files.map((file) => statSync(join(docs, 'images', file)).size)
  expect(Math.max(...sizes)).toBeLessThan(150_000)
  expect(sizes.reduce((all, size) => all + size, 0)).toBeLessThan(4_000_000)
})

test('the page about the console shows each of them', () => {
  const text = readFileSync(join(docs, 'console.md'), 'utf8')
  for (const name of names) for (const look of looks) expect(text).toContain(`images/${name}-${look.name}.png`)
})
