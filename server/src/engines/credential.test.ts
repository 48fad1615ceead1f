import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openCredential } from './credential.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tidegate-key-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

test('a key of the configuration stays what it is', () => {
  expect(openCredential({}).current()).toBeUndefined()
  const credential = openCredential({ apiKey: 'sk-a' })
  expect([credential.current(), credential.renew()]).toEqual(['sk-a', false])
})

test('a key file is read at once, without its line end, and again when the key is refused', () => {
  const apiKeyFile = join(folder, 'key')
  writeFileSync(apiKeyFile, 'sk-old\r\n')
  const credential = openCredential({ apiKeyFile })
  writeFileSync(apiKeyFile, 'sk-new\n')
  expect(credential.current()).toBe('sk-old')
  expect([credential.renew(), credential.current(), credential.renew()]).toEqual([true, 'sk-new', false])
  writeFileSync(apiKeyFile, '')
  expect([credential.renew(), credential.current()]).toEqual([false, 'sk-new'])
})

test('a file without a key is a mistake that the operator hears of, and its words are not told', () => {
  const apiKeyFile = join(folder, 'key')
  expect(() => openCredential({ apiKeyFile })).toThrow(`'${apiKeyFile}' cannot be read (ENOENT)`)
  for (const text of ['', '\n', 'my secret', 'a\nb\n']) {
    writeFileSync(apiKeyFile, text)
    expect(() => openCredential({ apiKeyFile })).toThrow(/must hold one line/)
    expect(() => openCredential({ apiKeyFile })).not.toThrow(/secret/)
  }
})
