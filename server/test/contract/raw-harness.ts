import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { Limits } from '../../src/completion/limits.ts'
import { type RemoteConfig, remoteEngine } from '../../src/engines/remote.ts'
import {
  type RawAsked,
  type RawDouble,
  type RawKind,
  type RawServer,
  rawDouble,
  tokenizerConfig,
} from '../doubles/raw.ts'
import { startUpstream, type Upstream } from '../doubles/upstream.ts'
import { limitsOf, type Served, serving } from './harness.ts'

export const rawKinds: readonly RawKind[] = ['sglang', 'vllm', 'llama-server']

export interface RawDoubled extends Served {
  /** The first server; others are in `doubles`. */
  readonly double: RawDouble
  readonly doubles: readonly RawDouble[]
  /** All that the first one was asked, its pages included. */
  readonly upstream: Upstream
}

export interface RawDoubledOptions {
  readonly limits?: Partial<Limits>
  readonly engine?: Partial<RemoteConfig>
  /** More replicas of the same model. */
  readonly replicas?: readonly RawServer[]
}

/** The whole service in front of servers that are used through their raw endpoints. */
export async function rawDoubled(
  kind: RawKind,
  server: RawServer,
  { limits, engine, replicas = [] }: RawDoubledOptions = {},
): Promise<RawDoubled> {
  const doubles = [server, ...replicas].map((one) => rawDouble(kind, one))
  const upstreams = await Promise.all(doubles.map(({ replies }) => startUpstream(replies)))
  const allLimits = limitsOf(limits)
  const served = await serving(
    (log) =>
      Promise.all(
        upstreams.map(({ url }, index) =>
          remoteEngine(configOf(kind, url, { id: `double-${index}`, ...engine }), { limits: allLimits, log }),
        ),
      ),
    allLimits,
  )
  const [double] = doubles
  const [upstream] = upstreams
  if (!double || !upstream) throw new Error('There is always one server.')
  return { ...served, double, doubles, upstream }
}

/** SGLang tells nobody its template, so the operator does. */
export const configOf = (kind: RawKind, url: string, more: Partial<RemoteConfig> = {}): RemoteConfig => ({
  id: 'double',
  kind,
  url,
  face: 'raw',
  model: 'upstream-model',
  concurrency: 100,
  contextWindow: 100_000,
  maxOutput: 50_000,
  thinking: true,
  logprobs: false,
  ...(kind === 'sglang' && { chatTemplate: templateFile('tokenizer_config.json', JSON.stringify(tokenizerConfig)) }),
  ...more,
})

/** @returns the path of a file that is there while the test runs */
export function templateFile(name: string, content: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'tidegate-template-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

/**
 * A model that says these texts, one a run. Where an answer is made in two runs, the second of which begins behind a cue under a grammar,
 * both are one run of the model.
 */
export function speakingOn(runs: readonly string[]): (asked: RawAsked) => string {
  let last: { readonly asked: RawAsked; readonly raw: string } | undefined
  let index = -1
  return (asked) => {
    const { prompt, gbnf } = asked
    const said = last && prompt.startsWith(last.asked.prompt) ? prompt.slice(last.asked.prompt.length) : ''
    const rest = said !== '' && gbnf !== undefined && last?.asked.gbnf === undefined && behind(last?.raw ?? '', said)
    if (rest === false || rest === undefined) index++
    const raw = runs[Math.min(index, runs.length - 1)] ?? ''
    last = { asked, raw }
    return rest === false || rest === undefined ? raw : rest
  }
}

/** @returns what follows `said` in the raw text; undefined when it does not begin so */
function behind(raw: string, said: string): string | undefined {
  const plain = said.replace(/[⟦⟧]/g, '')
  let at = 0
  let length = 0
  for (; at < raw.length && length < plain.length; at++) {
    if (raw[at] === '·') continue
    if (raw[at] !== plain[length]) return undefined
    length++
  }
  return length < plain.length ? undefined : raw.slice(at).replace(/^·/, '')
}
