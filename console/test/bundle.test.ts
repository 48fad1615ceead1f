import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const dist = join(import.meta.dirname, '../dist')
const page = readFileSync(join(dist, 'index.html'), 'utf8')
const src = join(import.meta.dirname, '../src')

/** The files that a page asks for, by the attribute that names them. */
const asked = (pattern: RegExp) => [...page.matchAll(pattern)].map(([, path = '']) => path.replace('/console/', ''))

test('the script of the first page is far below 250 kB, compressed', () => {
  const scripts = asked(/(?:src|href)="([^"]+\.js)"/g)
  // What every page loads besides: its own part, and the words of a language.
  const also = readdirSync(join(dist, 'assets')).filter((name) =>
    /^(overview|zh|request-table|chart)-.*\.js$/.test(name),
  )
  const sizes = [...scripts, ...also.map((name) => `assets/${name}`)].map(
    (path) => statSync(join(dist, `${path}.gz`)).size,
  )
  expect(scripts.length).toBeGreaterThan(1)
  expect(sizes.reduce((all, size) => all + size, 0)).toBeLessThan(230_000)
})

test('a page is allowed nothing inline, and asks nobody else', () => {
  expect(page).not.toMatch(/<script(?![^>]* src=)|<style|style="|\son\w+="|https?:\/\//)
})

test('of the server the console knows the types of the admin API alone', () => {
  const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter(
    (name) => /\.tsx?$/.test(name) && !name.endsWith('.test.ts'),
  )
  expect(files.length).toBeGreaterThan(50)
  for (const name of files) {
    const text = readFileSync(join(src, name), 'utf8')
    for (const [line] of text.matchAll(/^(?:import|export|\} from)[^\n]*\/server\/[^\n]*$/gm)) {
      expect(line, name).toMatch(/\/server\/src\/http\/admin\/contract\.ts'$/)
      // The last line of a longer import begins with its closing brace.
      if (line.startsWith('import')) expect(line, name).toMatch(/^import type/)
    }
  }
})
