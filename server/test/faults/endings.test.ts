import { once } from 'node:events'
import { expect, test } from 'vitest'
import { type RunningService, startProcess } from '../process.ts'
import { engineOf, isRunning } from './processes.ts'
import { dial } from './wire.ts'

const open = async (run: (service: RunningService) => Promise<void>): Promise<void> => {
  const service = await startProcess()
  try {
    await run(service)
  } finally {
    await service.stop()
  }
}

/** The log comes through another pipe than the ready line, and perhaps later. */
async function engineIn(service: RunningService): Promise<number> {
  await expect.poll(service.stderr).toContain('"contextWindow"')
  return engineOf(service)
}

test('however the server ends, its engine ends with it', async () => {
  await Promise.all([
    open(async (service) => {
      const engine = await engineIn(service)
      service.process.kill('SIGKILL')
      await once(service.process, 'exit')
      await expect.poll(() => isRunning(engine)).toBe(false)
    }),
    // A body that is still being sent keeps the first signal waiting; the second one does not wait.
    open(async (service) => {
      const engine = await engineIn(service)
      const { socket } = dial(service.client.origin)
      socket.write(
        `POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${service.client.key}\r\ncontent-length: 9\r\nexpect: 100-continue\r\n\r\n`,
      )
      await once(socket, 'data')
      const ended = once(service.process, 'exit')
      service.process.kill('SIGTERM')
      await expect.poll(service.stderr).toContain('stopping')
      service.process.kill('SIGINT')
      expect((await ended)[0]).toBe(130)
      await expect.poll(() => isRunning(engine)).toBe(false)
    }),
  ])
})
