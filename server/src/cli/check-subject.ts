/** Which server is meant, and how a Tidegate in front of it would be configured. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Target } from '../check/probe.ts'
import type { Column } from '../check/run-checks.ts'
import { onlyModelOf } from '../check/survey.ts'
import { defaultLimits, type Limits } from '../completion/limits.ts'
import type { ModelConfig } from '../config/models.ts'
import { type EngineConfig, engineKinds } from '../config/schema.ts'
import { loadConfig } from '../config.ts'
import { remoteKinds } from '../engines/kinds.ts'
import { endpointOf } from '../engines/openai-wire/wire.ts'
import { UsageError } from '../lib/flags.ts'
import { nearest } from '../lib/nearest.ts'
import { OperatorError } from '../lib/operator-error.ts'
import type { CheckFlags } from './check.ts'
import type { Terminal } from './command.ts'

export interface Subject {
  readonly engine?: string
  readonly kind?: string
  /** Absent for an engine without an address: there is nothing but Tidegate to ask. */
  readonly direct?: Target
  /** @param seen what the server showed of itself, where it was asked before */
  readonly inFront?: (seen: Column | undefined) => Promise<{ engine: EngineConfig; model: ModelConfig; limits: Limits }>
}

/** @throws OperatorError, UsageError */
export const subjectOf = async (flags: CheckFlags, terminal: Terminal): Promise<Subject> =>
  /^https?:\/\//i.test(flags.subject) ? ofUrl(flags, terminal) : ofEngine(flags, terminal)

async function ofUrl(flags: CheckFlags, terminal: Terminal): Promise<Subject> {
  const { subject, kind = 'openai', through = false } = flags
  const url = URL.parse(subject)
  if (!url || url.username + url.password + url.search + url.hash !== '')
    throw new UsageError('The address must be an http or https URL without a user, a query or a fragment.')
  if (!Object.hasOwn(engineKinds, kind) || kind === 'llama') {
    const kinds = Object.keys(engineKinds).filter((name) => name !== 'llama')
    throw new UsageError(`There is no kind '${kind}'. There is ${kinds.join(', ')}.`)
  }
  const baseUrl = url.origin + (url.pathname.replace(/\/+$/, '') || '/v1')
  const key = keyOf(flags, terminal)
  const reached = { baseUrl, ...(key !== undefined && { key }) }
  const model = flags.model ?? (await onlyModelOf(reached, flags.timeout * 1000))
  return {
    direct: { ...reached, model },
    ...(through && {
      kind,
      inFront: async (seen) => ({
        engine: engineAt(kind, { url: baseUrl, model, ...(key !== undefined && { apiKey: key }) }, seen),
        model: modelOf(model),
        limits: defaultLimits,
      }),
    }),
  }
}

/** As an operator would write it who has seen the first column. */
function engineAt(kind: string, at: object, seen: Column | undefined): EngineConfig {
  const { success, data, error } = engineKinds[kind as keyof typeof engineKinds].safeParse({
    id: 'checked',
    kind,
    ...at,
    ...(seen?.survey.thinks && { thinking: true }),
    ...(seen?.survey.givesLogprobs && { logprobs: true }),
    ...(seen?.survey.window !== undefined && { contextWindow: seen.survey.window }),
  })
  if (!success)
    throw new OperatorError(`An engine of kind '${kind}' cannot be made of this: ${error.issues[0]?.message}.`)
  return data
}

const modelOf = (id: string, engine = 'checked'): ModelConfig => ({
  id,
  displayName: id,
  aliases: [],
  engines: [{ engine, weight: 1 }],
  thinkingByDefault: true,
})

function keyOf({ keyFile, keyEnv }: CheckFlags, { env, cwd }: Terminal): string | undefined {
  if (keyFile !== undefined && keyEnv !== undefined) throw new UsageError('--key-file or --key-env, not both.')
  if (keyFile !== undefined) {
    try {
      return readFileSync(resolve(cwd, keyFile), 'utf8').trim() || undefined
    } catch (error) {
      throw new OperatorError(`The key cannot be read: ${error instanceof Error ? error.message : error}`)
    }
  }
  const key = env[keyEnv ?? 'TIDEGATE_CHECK_KEY']?.trim()
  if (keyEnv !== undefined && !key) throw new OperatorError(`The environment variable ${keyEnv} is not set.`)
  return key || undefined
}

function ofEngine(flags: CheckFlags, { env, cwd }: Terminal): Subject {
  for (const name of ['model', 'kind', 'keyFile', 'keyEnv'] as const)
    if (flags[name] !== undefined)
      throw new UsageError(
        `What is asked of the engine '${flags.subject}' stands in tidegate.yaml: leave the flag out.`,
      )
  const argv = flags.config === undefined ? [] : [`--config=${flags.config}`]
  const { engines, models, limits } = loadConfig({ argv, env, cwd })
  const engine = engines.find(({ id }) => id === flags.subject)
  if (!engine) {
    const ids = engines.map(({ id }) => id)
    const meant = nearest(flags.subject, ids)
    throw new OperatorError(
      `There is no engine '${flags.subject}'. ${meant ? `Did you mean '${meant}'?` : `There is ${ids.join(', ')}; a server is named by its URL.`}`,
    )
  }
  if (engine.kind === 'llama' && flags.through === false)
    throw new UsageError(`The engine '${engine.id}' has no address: it cannot be asked without Tidegate.`)
  const { inFront, ...subject } = subjectOfEngine(engine, models, limits)
  return { ...subject, ...(inFront && flags.through !== false && { inFront }) }
}

/** @param models of which the first that the engine answers for gives its name, and what it promises */
export function subjectOfEngine(engine: EngineConfig, models: readonly ModelConfig[], limits: Limits): Subject {
  const served = models.find((model) => model.engines.some((one) => one.engine === engine.id))
  const model = served
    ? { ...served, engines: [{ engine: engine.id, weight: 1 }] }
    : modelOf(engine.kind === 'llama' ? engine.id : engine.model, engine.id)
  return {
    engine: engine.id,
    kind: engine.kind,
    ...(engine.kind !== 'llama' && { direct: directOf(engine) }),
    inFront: async () => ({ engine, model, limits }),
  }
}

function directOf({ kind, url, model, apiKey }: Exclude<EngineConfig, { kind: 'llama' }>): Target {
  const chat = endpointOf(remoteKinds[kind], url, 'chat')
  const baseUrl = (chat?.href ?? url).replace(/\/chat\/completions$/, '')
  return { baseUrl, model, ...(apiKey !== undefined && { key: apiKey }) }
}
