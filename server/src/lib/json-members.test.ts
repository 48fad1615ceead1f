import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isMembers, itemsOf, membersOf } from './json-members.ts'

test('values keep their digits and order, keys are read', () => {
  const members = membersOf(' {"b" : 1.0 ,"2":12345678901234567890, "a\\u0022":{"x":["}",2]},"":"," } ')
  expect([...(members ?? [])]).toEqual([
    ['b', '1.0'],
    ['2', '12345678901234567890'],
    ['a"', '{"x":["}",2]}'],
    ['', '","'],
  ])
})

test.each([
  ...['', '[]', '1', '{', '{"a":1} x', 'null'],
  ...['{"a":1,"a":2}', '{"":1,"b":2,"":3}', '{"a":1,"b":2,"\\u0062":3}'],
])('%j is no object with single keys', (text) => {
  expect(membersOf(text)).toBeUndefined()
  expect(isMembers(text)).toBe(false)
})

test('any object is taken apart into what JSON.parse would read', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.constantFrom(undefined, 2), (object, indent) => {
      const text = JSON.stringify(object, null, indent)
      expect(isMembers(text)).toBe(true)
      const members = membersOf(text) ?? new Map()
      expect(Object.fromEntries([...members].map(([key, value]) => [key, JSON.parse(value)]))).toEqual(
        JSON.parse(JSON.stringify(object)),
      )
    }),
  )
})

test('the items of an array are what was written', () => {
  expect(itemsOf(' [1.0 ,"],", {"a":[2]},[] ] ')).toEqual(['1.0', '"],"', '{"a":[2]}', '[]'])
  expect(itemsOf('[]')).toEqual([])
  expect(['{}', '[1', '[1,]', '1'].map(itemsOf)).toEqual([undefined, undefined, undefined, undefined])
})
