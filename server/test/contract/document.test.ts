import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { defaultLimits } from '../../src/completion/limits.ts'

const contract = readFileSync(join(import.meta.dirname, '../../../docs/contract.md'), 'utf8')

const camel = (name: string) => name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase())

test('the constants of the contract are the defaults of the code', () => {
  const table = contract.slice(contract.indexOf('### Constants'), contract.indexOf('## 1. Transport'))
  const rows = [...table.matchAll(/^\| `(\w+)` \| (.+?) \|/gm)].map(([, name = '', value = '']) => [camel(name), value])
  const documented = new Map(rows.map(([name = '', value = '']) => [name, value]))
  for (const [name, value] of Object.entries(defaultLimits)) {
    expect([...documented.keys()], name).toContain(name)
    const written = documented.get(name) ?? ''
    const numbers = typeof value === 'number' ? [value] : Object.values(value)
    for (const number of numbers) expect(written, `${name} in docs/contract.md`).toMatch(new RegExp(`\\b${number}\\b`))
    documented.delete(name)
  }
  // What is left belongs to a model, not to the service.
  expect([...documented.keys()]).toEqual(['contextWindow', 'maxOutput'])
})
