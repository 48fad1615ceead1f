/** The configuration: flags, then environment, then file, then defaults. Nothing else in the service reads any of them. */
import { availableParallelism } from 'node:os'
import { resolve } from 'node:path'
import type { ParseArgsConfig } from 'node:util'
import type { z } from 'zod'
import type { Limits } from './completion/limits.ts'
import { sentence } from './config/explain.ts'
import { loadFile } from './config/load-file.ts'
import { type ModelConfig, modelsOf } from './config/models.ts'
import { configFile, databaseUrl, type EngineConfig, type FileInput } from './config/schema.ts'
import { parseFlags } from './lib/flags.ts'
import { OperatorError } from './lib/operator-error.ts'
import type { Environment } from './lib/yaml-file.ts'

export interface Config {
  readonly host: string
  /** 0: any free port. */
  readonly port: number
  /** Absolute, as are all paths here. */
  readonly data: string
  /** `postgres://…`; absent: the database is a file in the data folder. */
  readonly databaseUrl?: string
  /** Absent: in the data folder. */
  readonly secretFile?: string
  readonly server: {
    readonly leaveMs: number
    readonly drainMs: number
    /** Processes that serve together; 1: this one. */
    readonly workers: number
    readonly corsOrigins: readonly string[]
    readonly trustedProxies: readonly string[]
  }
  readonly limits: Limits
  readonly log: FileInput['log']
  readonly ledger: FileInput['ledger']
  readonly keepReasoning: boolean
  readonly models: readonly ModelConfig[]
  readonly engines: readonly EngineConfig[]
  /** A whole API key that is made sure to exist. */
  readonly bootstrapKey?: string
  /** Of the console's first administrator. */
  readonly adminPassword?: string
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
/** As for all who sign in; taken all the same. */
const shortPassword = 12
const shortPasswordNote = `TIDEGATE_ADMIN_PASSWORD is short enough to be guessed: use at least ${shortPassword} characters.`

/** @throws OperatorError with one problem a line, each with the flag, the variable or the line of the file that it is about */
export function loadConfig({ argv, env, cwd }: ConfigSources): Config {
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
  const secretFile = env.TIDEGATE_SECRET_FILE
    ? resolve(cwd, env.TIDEGATE_SECRET_FILE)
    : file.value.secretFile && resolve(file.folder, file.value.secretFile)
  const url = databaseUrlIn(env) ?? file.value.databaseUrl
  const bootstrapKey = env.TIDEGATE_BOOTSTRAP_KEY
  const { models, engines, notes } = modelsOf(flags.model, file, env, cwd)
  const { workers, note: workersNote } = workersOf(file.value.server.workers, engines)
  return {
    host: host ? checked(configFile.shape.host, host.text, host) : file.value.host,
    port: port ? checked(configFile.shape.port, wholeNumber(port.text), port) : file.value.port,
    data: data ? resolve(cwd, checked(configFile.shape.data, data.text, data)) : resolve(file.folder, file.value.data),
    ...(url !== undefined && { databaseUrl: url }),
    ...(secretFile && { secretFile }),
    server: { ...file.value.server, workers },
    limits: file.value.limits,
    log: {
      ...file.value.log,
      level: level ? checked(configFile.shape.log.unwrap().shape.level, level.text, level) : file.value.log.level,
    },
    ledger: file.value.ledger,
    keepReasoning: file.value.keepReasoning,
    models,
    engines,
    notes: [
      ...notes,
      ...(workersNote ? [workersNote] : []),
      ...(bootstrapKey && bootstrapKey.length < shortKey ? [shortKeyNote] : []),
      ...(env.TIDEGATE_ADMIN_PASSWORD && env.TIDEGATE_ADMIN_PASSWORD.length < shortPassword ? [shortPasswordNote] : []),
    ],
    ...(bootstrapKey && { bootstrapKey }),
    ...(env.TIDEGATE_ADMIN_PASSWORD && { adminPassword: env.TIDEGATE_ADMIN_PASSWORD }),
  }
}

/** More of them are for the operator to ask for: each takes some 150 MB of memory, and connections of its own to the database. */
const autoWorkersMax = 4

/** An embedded engine takes the cores itself, and lives beside one process that serves. */
function workersOf(asked: number | 'auto', engines: readonly EngineConfig[]): { workers: number; note?: string } {
  const embedded = engines.some(({ kind }) => kind === 'llama')
  if (asked === 'auto') return { workers: embedded ? 1 : Math.min(availableParallelism(), autoWorkersMax) }
  if (asked === 1 || !embedded) return { workers: asked }
  return { workers: 1, note: `server.workers is ${asked}, but an embedded engine is served by one process.` }
}

/** It may hold a password, and is not told again. */
function databaseUrlIn({ TIDEGATE_DATABASE_URL: text }: Environment): string | undefined {
  const result = databaseUrl.safeParse(text || undefined)
  if (text && !result.success) throw new OperatorError(`TIDEGATE_DATABASE_URL: ${sentence(result.error.issues[0])}`)
  return text || undefined
}

const wholeNumber = (text: string): number => (/^\d{1,9}$/.test(text) ? Number(text) : Number.NaN)

function checked<S extends z.ZodType>(schema: S, value: unknown, from: { text: string; source: string }): z.output<S> {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  throw new OperatorError(`${from.source} is '${from.text}': ${sentence(result.error.issues[0])}`)
}
