/** The configuration: flags, then environment, then file, then defaults. Nothing else in the service reads any of them. */
import { resolve } from 'node:path'
import type { ParseArgsConfig } from 'node:util'
import type { z } from 'zod'
import type { Limits } from './completion/limits.ts'
import { sentence } from './config/explain.ts'
import { loadFile } from './config/load-file.ts'
import { type ModelConfig, modelsOf } from './config/models.ts'
import { configFile, type EngineConfig, type LogLevel } from './config/schema.ts'
import { parseFlags } from './lib/flags.ts'
import { OperatorError } from './lib/operator-error.ts'
import type { Environment } from './lib/yaml-file.ts'

export interface Config {
  readonly host: string
  /** 0: any free port. */
  readonly port: number
  /** Absolute, as are all paths here. */
  readonly data: string
  readonly server: { readonly drainMs: number; readonly corsOrigins: readonly string[] }
  readonly limits: Limits
  readonly log: { readonly level: LogLevel }
  readonly keepReasoning: boolean
  readonly models: readonly ModelConfig[]
  readonly engines: readonly EngineConfig[]
  /** A whole API key that is made sure to exist. */
  readonly bootstrapKey?: string
  /** What the operator should read at start-up, a sentence each. */
  readonly notes: readonly string[]
}

export interface ConfigSources {
  /** What stands after the subcommand. */
  readonly argv: readonly string[]
  readonly env: Environment
  readonly cwd: string
}

/** What `tidegate serve` takes. */
const configFlags = {
  host: { type: 'string' },
  port: { type: 'string' },
  data: { type: 'string' },
  config: { type: 'string' },
  model: { type: 'string', multiple: true },
  'log-level': { type: 'string' },
} as const satisfies ParseArgsConfig['options']

/** A key of fewer characters can be guessed; it is taken all the same, for tests and closed networks. */
const shortKey = 24
const shortKeyNote = `TIDEGATE_BOOTSTRAP_KEY is short enough to be guessed: use at least ${shortKey} random characters.`

/** @throws OperatorError with one problem a line, each with the flag, the variable or the line of the file that it is about */
export function loadConfig({ argv, env, cwd }: ConfigSources): Config {
  if (env.TIDEGATE_DATABASE_URL)
    throw new OperatorError(
      'TIDEGATE_DATABASE_URL is set, but PostgreSQL is not supported yet: this version keeps everything in SQLite, in the ' +
        'data folder. Unset the variable to go on.',
    )
  const flags = parseFlags(argv, configFlags).values
  const file = loadFile(flags.config ?? (env.TIDEGATE_CONFIG || undefined), env, cwd)
  const from = (flag: 'host' | 'port' | 'data' | 'log-level', variable: string) =>
    flags[flag] === undefined
      ? env[variable] && { text: env[variable], source: variable }
      : { text: flags[flag], source: `--${flag}` }

  const host = from('host', 'TIDEGATE_HOST')
  const port = from('port', 'TIDEGATE_PORT')
  const data = from('data', 'TIDEGATE_DATA')
  const level = from('log-level', 'TIDEGATE_LOG_LEVEL')
  const bootstrapKey = env.TIDEGATE_BOOTSTRAP_KEY
  const { models, engines, notes } = modelsOf(flags.model, file, env, cwd)
  return {
    host: host ? checked(configFile.shape.host, host.text, host) : file.value.host,
    port: port ? checked(configFile.shape.port, wholeNumber(port.text), port) : file.value.port,
    data: data ? resolve(cwd, checked(configFile.shape.data, data.text, data)) : resolve(file.folder, file.value.data),
    server: file.value.server,
    limits: file.value.limits,
    log: {
      level: level ? checked(configFile.shape.log.unwrap().shape.level, level.text, level) : file.value.log.level,
    },
    keepReasoning: file.value.keepReasoning,
    models,
    engines,
    notes: bootstrapKey && bootstrapKey.length < shortKey ? [...notes, shortKeyNote] : notes,
    ...(bootstrapKey && { bootstrapKey }),
  }
}

const wholeNumber = (text: string): number => (/^\d{1,9}$/.test(text) ? Number(text) : Number.NaN)

function checked<S extends z.ZodType>(schema: S, value: unknown, from: { text: string; source: string }): z.output<S> {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  throw new OperatorError(`${from.source} is '${from.text}': ${sentence(result.error.issues[0])}`)
}
