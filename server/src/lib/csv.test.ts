import { expect, test } from 'vitest'
import { csvLine } from './csv.ts'

test('a line is what every spreadsheet reads, and none takes for a formula', () => {
  expect(csvLine(['a', 1, true, null, 'b,c', 'say "x"', 'two\nlines'])).toBe('a,1,true,,"b,c","say ""x""","two\nlines"')
  expect(csvLine(['=1+1', '@x', '+1', '-1', '-x', -1])).toBe("'=1+1,'@x,'+1,-1,'-x,-1")
})
