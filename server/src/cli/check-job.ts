/** A check of one engine in a process of its own, begun by the console: what to check comes as a message, and the news go back. */
import { chosenAreas } from '../check/run-checks.ts'
import type { CheckNews } from '../http/admin/engine-checks.ts'
import { OperatorError } from '../lib/operator-error.ts'
import type { CheckJob } from '../service.ts'
import { checked } from './check-run.ts'
import { subjectOfEngine } from './check-subject.ts'

const timeoutMs = 120_000
/** Beside its own slots an embedded engine is held a second time: so many are enough to look at it. */
const slots = 2

const tell = (news: CheckNews) =>
  new Promise<void>((resolve) => {
    if (process.send) process.send(news, () => resolve())
    else resolve()
  })

const stop = new AbortController()
process.once('SIGTERM', () => stop.abort('the run was stopped'))
// Nobody is left who wants to know.
process.once('disconnect', () => process.exit(1))

process.once('message', async ({ engine, models, limits, only }: CheckJob) => {
  try {
    const own = engine.kind === 'llama' ? { ...engine, slots } : engine
    const { report } = await checked(subjectOfEngine(own, models, limits), chosenAreas(only).areas, {
      timeoutMs,
      signal: stop.signal,
      onProgress: (column, done, total, { title }) => void tell({ progress: { column, done, total, current: title } }),
    })
    await tell({ report: structuredClone(report) as Extract<CheckNews, { report: unknown }>['report'] })
  } catch (error) {
    await tell({ error: error instanceof OperatorError ? error.message : 'The check met a defect.' })
  }
  process.exit(0)
})
