import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { fewFilesNote, openFilesMax } from './open-files.ts'

test('the limit is the hard one, whatever the soft one was', () => {
  const source = `import('${new URL('open-files.ts', import.meta.url)}').then((m) => console.log(m.openFilesMax()))`
  const shell = `ulimit -Sn 256; "${process.execPath}" -e "${source}"; ulimit -Hn`
  const [found, hard] = execFileSync('sh', ['-c', shell], { encoding: 'utf8' }).trim().split('\n')
  expect(found === 'Infinity' ? 'unlimited' : found).toBe(hard)
  expect(openFilesMax()).toBeGreaterThan(0)
})

test('a limit that is too low for what is configured is said with the way out', () => {
  expect(fewFilesNote(10_000, 20_000)).toBeUndefined()
  expect(fewFilesNote(10_000, Number.POSITIVE_INFINITY)).toBeUndefined()
  expect(fewFilesNote(10_000, 4_096)).toMatch(
    /10000 requests.* 4096 files.* about 2048\. Raise the limit .*lower 'concurrency'/,
  )
})
