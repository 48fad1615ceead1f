import { expect, test } from 'vitest'
import { defectOf } from './defect.ts'

test('an error is told by its name and its place, never by its message', () => {
  const defect = defectOf(new SyntaxError('the secret prompt\n    at the secret place'))
  expect(defect.name).toBe('SyntaxError')
  expect(defect.at[0]).toMatch(/^at .*defect\.test\.ts/)
  expect(JSON.stringify(defect)).not.toContain('secret')
  expect(defectOf('the secret prompt')).toEqual({ name: 'string', at: [] })
})
