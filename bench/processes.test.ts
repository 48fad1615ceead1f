import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const lives = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

test.each(['SIGINT', 'SIGTERM'] as const)(
  'who is told by %s to end takes along what it has started',
  async (signal) => {
    const started = `
    import { startOn } from ${JSON.stringify(join(import.meta.dirname, 'processes.ts'))}
    console.log(startOn(undefined, [process.execPath, '-e', 'setInterval(() => {}, 1000)']).pid)`
    const program = spawn(process.execPath, ['--input-type=module', '-e', started], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [told] = await once(program.stdout, 'data')
    const pid = Number(told)
    expect(lives(pid)).toBe(true)
    program.kill(signal)
    expect(await once(program, 'exit')).toEqual([null, signal])
    await expect.poll(() => lives(pid), { timeout: 5_000 }).toBe(false)
  },
)
