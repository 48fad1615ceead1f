/**
 * What it costs that broken streams can go on: CPU time a chunk with `resume` on and off, before the same engine and in turn. `npm run bench:resume -- [--rounds N]`
 */
import { parseArgs } from 'node:util'
import { measure } from './measure.ts'
import { median } from './report.ts'
import { scenarios } from './scenarios.ts'
import { startEngine, tidegateAt } from './subjects.ts'

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '7' }, seconds: { type: 'string', default: '4' } },
})
const scenario = scenarios.find(({ name }) => name === 'stream-50')
if (!scenario) throw new Error('There is no scenario for streams.')
const engine = await startEngine()
const start = (resume: boolean) =>
  tidegateAt({
    server: { workers: 1 },
    models: [{ id: 'fake', engines: ['fake'], thinking: 'disabled', resume }],
    engines: [{ id: 'fake', kind: 'llama-server', url: `http://127.0.0.1:${engine.port}`, model: 'fake' }],
  })
const subjects = { on: await start(true), off: await start(false) }
try {
  const cost = { on: [] as number[], off: [] as number[] }
  for (let round = 0; round < Number(values.rounds); round++)
    // The first of two is not always the same.
    for (const name of round % 2 ? (['on', 'off'] as const) : (['off', 'on'] as const)) {
      const { cpu, failures, perSecond } = await measure(subjects[name], scenario, {
        seconds: Number(values.seconds),
        warmUp: round === 0 ? 3 : 0.5,
      })
      cost[name].push(cpu)
      process.stderr.write(`${name}: ${cpu.toFixed(1)} µs a chunk, ${Math.round(perSecond)}/s, ${failures} failed\n`)
    }
  const ratios = cost.on.map((on, round) => on / (cost.off[round] ?? Number.NaN))
  console.log(
    `on ${median(cost.on).toFixed(1)} µs, off ${median(cost.off).toFixed(1)} µs a chunk; on/off, median of ${ratios.length} rounds: ${median(ratios).toFixed(3)}`,
  )
} finally {
  await subjects.on.stop()
  await subjects.off.stop()
  await engine.stop()
}
