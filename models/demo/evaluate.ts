/**
 * Runs a GGUF through node-llama-cpp, greedily and unconstrained, and counts whole answers that are exactly right.
 * node evaluate.ts MODEL.gguf held-out|handwritten|long [PER_DOMAIN] [SEED] [--misses]
 */
import { getLlama, LlamaLogLevel } from 'node-llama-cpp'
import { answerOf, type Case, handwrittenCases, heldOutCases, longCases } from './cases.ts'

/** An answer that runs on for so many tokens more than the right one has (the reasoning included) is wrong. */
const TOKENS_BEYOND = 200

type Tally = { right: number; count: number }
type Row = { off: Tally; on: Tally }
const percent = ({ right, count }: Tally): string => (count === 0 ? '–' : `${((100 * right) / count).toFixed(1)} %`)
const sum = (tallies: readonly Tally[]): Tally =>
  tallies.reduce((a, b) => ({ right: a.right + b.right, count: a.count + b.count }), { right: 0, count: 0 })

async function startModel(modelPath: string) {
  const llama = await getLlama({
    gpu: false,
    build: 'never',
    skipDownload: true,
    progressLogs: false,
    logLevel: LlamaLogLevel.warn,
    maxThreads: 1,
  })
  const model = await llama.loadModel({ modelPath })
  const context = await model.createContext({
    contextSize: 4096,
    sequences: 1,
    threads: 1,
    batchSize: 512,
    flashAttention: false,
  })
  const sequence = context.getSequence()
  const complete = async (prompt: string, expected: string): Promise<string> => {
    const tokens = model.tokenize(prompt, true)
    await sequence.clearHistory()
    const most = Math.min(model.tokenize(expected, true).length + TOKENS_BEYOND, 4095 - tokens.length)
    const out = []
    for await (const token of sequence.evaluate(tokens, { temperature: 0 })) {
      out.push(token)
      if (out.length >= most) break
    }
    return model.detokenize(out, true)
  }
  return { complete, stop: () => llama.dispose() }
}

function table(rows: ReadonlyMap<string, Row>): string {
  const lines = ['| Domain | prompts | exact, thinking off | exact, thinking on |', '| --- | --- | --- | --- |']
  for (const [domain, { off, on }] of [...rows].sort(([a], [b]) => a.localeCompare(b, 'en', { numeric: true })))
    lines.push(`| ${domain} | ${off.count + on.count} | ${percent(off)} | ${percent(on)} |`)
  const [off, on] = [sum([...rows.values()].map((row) => row.off)), sum([...rows.values()].map((row) => row.on))]
  lines.push(`| **all** | ${off.count + on.count} | **${percent(off)}** | **${percent(on)}** |`)
  return lines.join('\n')
}

async function main(): Promise<void> {
  const [file = '', which = 'held-out', perDomain = '40', seed = '99'] = process.argv
    .slice(2)
    .filter((a) => !a.startsWith('--'))
  const cases: Case[] =
    which === 'handwritten'
      ? handwrittenCases()
      : which === 'long'
        ? longCases(Number(seed), Number(perDomain))
        : heldOutCases(Number(seed), Number(perDomain))
  const { complete, stop } = await startModel(file)
  const rows = new Map<string, Row>()
  for (const one of cases) {
    const generated = await complete(one.prompt, one.expected)
    const right = answerOf(generated, one.thinking) === one.expected
    const row = rows.get(one.domain) ?? { off: { right: 0, count: 0 }, on: { right: 0, count: 0 } }
    rows.set(one.domain, row)
    const tally = one.thinking ? row.on : row.off
    tally.count++
    if (right) tally.right++
    else if (process.argv.includes('--misses'))
      console.log(
        `--- ${one.domain}\n  ${JSON.stringify(one.prompt.slice(-220))}\n  want ${JSON.stringify(one.expected)}\n  got  ${JSON.stringify(generated)}`,
      )
  }
  console.log(table(rows))
  await stop()
}

await main()
