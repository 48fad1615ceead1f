import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { openLogLines } from './log-lines.ts'

const folder = mkdtempSync(join(tmpdir(), 'log-lines-'))
const path = join(folder, 'log')
const fd = openSync(path, 'w')
afterEach(() => {
  closeSync(fd)
  rmSync(folder, { recursive: true })
})

test('lines are written soon; of what nobody reads so much waits, and what was lost is told once there is room', async () => {
  const told: number[] = []
  const lines = openLogLines((count) => told.push(count), fd)
  lines.write('first\n')
  await vi.waitFor(() => expect(readFileSync(path, 'utf8')).toBe('first\n'))
  const long = `${'x'.repeat(1_000_000)}\n`
  for (let i = 0; i < 12; i++) lines.write(long)
  await vi.waitFor(() => expect(told).toEqual([4]))
  expect(readFileSync(path, 'utf8')).toHaveLength('first\n'.length + 8 * long.length)
})
