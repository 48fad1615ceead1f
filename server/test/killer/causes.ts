import type { RunningService } from '../process.ts'
import type { Told } from './crowd.ts'

/** What the gateway knows of an answer that is not whole: its entry in the request log, and the log's lines about it. */
export interface Cause {
  readonly kind: string
  readonly variant: number
  readonly request: string
  readonly faults: readonly string[]
  /** With the error as the client was told it and each attempt: when, where, why there, and how it ended. */
  readonly entry: unknown
  readonly lines: readonly string[]
}

/** The request log is written some moments later than an answer ends. */
const writtenMs = 2_000

/** @param told answers that are not whole, after the last of them is over */
export async function causesOf(service: RunningService, told: readonly Told[]): Promise<readonly Cause[]> {
  if (told.length === 0) return []
  const adminKey = (await service.run('admin', 'create-key', '--name', 'killer')).stdout.trim()
  await new Promise((resolve) => setTimeout(resolve, writtenMs))
  const log = service.stderr().split('\n')
  return Promise.all(
    told.map(async ({ kind, variant, heard: { request, faults } }) => {
      const answer = await service.client.get(`/admin/requests/${request}`, { authorization: `Bearer ${adminKey}` })
      const entry = answer.status === 200 ? JSON.parse(answer.text) : { status: answer.status, text: answer.text }
      return { kind, variant, request, faults, entry, lines: log.filter((line) => line.includes(request)) }
    }),
  )
}
