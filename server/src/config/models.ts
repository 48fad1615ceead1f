/** Which models are served by which engines: from the flags, from the file, or the bundled demo model. */
import { basename, resolve } from 'node:path'
import type { HedgeRule } from '../engines/catalog.ts'
import { microOf, type Rates } from '../ledger/money.ts'
import { nearest } from '../lib/nearest.ts'
import { OperatorError } from '../lib/operator-error.ts'
import type { Environment } from '../lib/yaml-file.ts'
import type { LoadedFile } from './load-file.ts'
import { type EngineConfig, engineKinds } from './schema.ts'

export interface ModelConfig {
  readonly id: string
  readonly displayName: string
  readonly aliases: readonly { readonly name: string; readonly thinking?: boolean }[]
  /** At least one; every id is one of `Config.engines`. */
  readonly engines: readonly { readonly engine: string; readonly weight: number }[]
  /** The model that really answers under this name; said in every answer. */
  readonly standIn?: string
  readonly thinkingByDefault: boolean
  readonly samplesAsAsked?: boolean
  readonly contextWindow?: number
  readonly maxOutput?: number
  /** False: a stream that breaks off ends with an error. */
  readonly resume?: boolean
  /** Absent: one engine is asked at a time. */
  readonly hedge?: HedgeRule
  readonly price?: Rates & { readonly currency: string }
}

export interface Served {
  readonly models: readonly ModelConfig[]
  readonly engines: readonly EngineConfig[]
  readonly notes: readonly string[]
}

const demoModelPath = resolve(import.meta.dirname, '../../../models/demo/tidegate-demo.gguf')

/** @param named the files of `--model`, which win over the models of the file  @throws OperatorError */
export function modelsOf(
  named: readonly string[] | undefined,
  file: LoadedFile,
  env: Environment,
  cwd: string,
): Served {
  const configured = file.value.models.length > 0 || file.value.engines.length > 0
  if (named) {
    const notes = configured ? [`--model was given, so the models and engines of ${file.name} are not served.`] : []
    const parts = named.map((path) => ggufModel(path, cwd))
    const served = { models: parts.map((part) => part.model), engines: parts.map((part) => part.engine) }
    return { ...uniquelyNamed(served, () => '--model'), notes }
  }
  if (configured) return { ...fromFile(file), notes: [] }
  return env.DEEPSEEK_API_KEY ? deepseekApi(env.DEEPSEEK_API_KEY) : { ...demo(), notes: [] }
}

function fromFile(file: LoadedFile): Omit<Served, 'notes'> {
  const { engines, models } = file.value
  if (models.length === 0)
    throw new OperatorError(`${file.where(['engines'])}: there are engines, but no models that use them. Add 'models'.`)
  const ids = engines.map((engine) => engine.id)
  const twice = ids.findIndex((id, index) => ids.indexOf(id) !== index)
  if (twice >= 0)
    throw new OperatorError(
      `${file.where(['engines', twice, 'id'])}: there are two engines with the id '${ids[twice]}'.`,
    )

  for (const [i, model] of models.entries())
    for (const [j, entry] of model.engines.entries()) {
      const id = typeof entry === 'string' ? entry : entry.engine
      if (ids.includes(id)) continue
      const meant = nearest(id, ids)
      throw new OperatorError(
        `${file.where(['models', i, 'engines', j])}: there is no engine '${id}'. ` +
          (meant ? `Did you mean '${meant}'?` : `The engines are: ${ids.join(', ') || 'none'}.`),
      )
    }

  const resolved = models.map(
    (model): ModelConfig => ({
      id: model.id,
      displayName: model.name ?? model.id,
      aliases: [...model.aliases.map(aliasOf), ...knownAliases(model.id, models)],
      engines: model.engines.map((entry) => (typeof entry === 'string' ? { engine: entry, weight: 1 } : entry)),
      thinkingByDefault: model.thinking === 'enabled',
      ...(model.thinkingSampling === 'asked' && { samplesAsAsked: true }),
      ...(model.contextWindow !== undefined && { contextWindow: model.contextWindow }),
      ...(model.maxOutput !== undefined && { maxOutput: model.maxOutput }),
      ...(!model.resume && { resume: false }),
      ...(model.hedge && { hedge: model.hedge }),
      ...(model.price && { price: priceOf(model.price) }),
    }),
  )
  const placed = engines.map((engine): EngineConfig => {
    if (engine.kind === 'llama') return { ...engine, path: resolve(file.folder, engine.path) }
    const { apiKeyFile, chatTemplate } = engine
    return {
      ...engine,
      ...(apiKeyFile !== undefined && { apiKeyFile: resolve(file.folder, apiKeyFile) }),
      ...(chatTemplate !== undefined && { chatTemplate: resolve(file.folder, chatTemplate) }),
    }
  })
  return uniquelyNamed({ models: resolved, engines: placed }, (index) => file.where(['models', index, 'id']))
}

const priceOf = ({
  inputPerMillion: input,
  cachedInputPerMillion: cached = input,
  outputPerMillion: output,
  currency,
}: NonNullable<FileModel['price']>): NonNullable<ModelConfig['price']> => ({
  input: microOf(input),
  cachedInput: microOf(cached),
  output: microOf(output),
  currency,
})

type FileModel = LoadedFile['value']['models'][number]
type FileAlias = FileModel['aliases'][number]

const aliasOf = (alias: FileAlias): ModelConfig['aliases'][number] =>
  typeof alias === 'string'
    ? { name: alias }
    : { name: alias.name, ...(alias.thinking && { thinking: alias.thinking === 'enabled' }) }

/** Clients of DeepSeek know its model by two more names (contract C40); it answers to those that no model of the file has. */
function knownAliases(id: string, models: readonly FileModel[]): ModelConfig['aliases'] {
  if (id !== flash.id) return []
  const taken = new Set(models.flatMap((model) => [model.id, ...model.aliases.map((alias) => aliasOf(alias).name)]))
  return flashAliases.filter(({ name }) => !taken.has(name))
}

function uniquelyNamed<S extends Pick<Served, 'models'>>(served: S, where: (index: number) => string): S {
  const claimed = new Map<string, string>()
  for (const [index, model] of served.models.entries())
    for (const name of [model.id, ...model.aliases.map((alias) => alias.name)]) {
      const other = claimed.get(name)
      if (other !== undefined)
        throw new OperatorError(`${where(index)}: the name '${name}' is claimed by '${other}' and by '${model.id}'.`)
      claimed.set(name, model.id)
    }
  return served
}

/** `--model FILE.gguf`: the file's name without its ending is the model's id. */
function ggufModel(path: string, cwd: string) {
  const id = basename(path)
    .replace(/\.gguf$/i, '')
    .replace(/[\s\p{Cc}]+/gu, '-')
  if (!/\.gguf$/i.test(path))
    throw new OperatorError(`--model ${path}: a GGUF file is expected, its name ends in .gguf.`)
  const model: ModelConfig = {
    id,
    displayName: id,
    aliases: [],
    engines: [{ engine: id, weight: 1 }],
    thinkingByDefault: true,
  }
  const engine: EngineConfig = { id, kind: 'llama', path: resolve(cwd, path) }
  return { model, engine }
}

const flash = { id: 'deepseek-v4-flash', displayName: 'DeepSeek V4 Flash' }
const flashAliases = [
  { name: 'deepseek-chat', thinking: false },
  { name: 'deepseek-reasoner', thinking: true },
]

/** Nothing configured but a key of the DeepSeek API. @throws OperatorError for a key that cannot be one */
function deepseekApi(apiKey: string): Served {
  const id = 'deepseek'
  const engine = engineKinds.deepseek.safeParse({ id, kind: 'deepseek', apiKey })
  if (!engine.success) throw new OperatorError('DEEPSEEK_API_KEY must be a key without spaces and line ends.')
  const model = { ...flash, aliases: flashAliases, engines: [{ engine: id, weight: 1 }], thinkingByDefault: true }
  const note = `DEEPSEEK_API_KEY is set: '${flash.id}' is served from ${engine.data.url}, so what clients send goes there.`
  return { models: [model], engines: [engine.data], notes: [note] }
}

/** Nothing configured: the bundled model, under its own name and as a stand-in that says so (contract C40 for the aliases). */
function demo(): Omit<Served, 'notes'> {
  const id = 'tidegate-demo'
  const engines = [{ engine: id, weight: 1 }]
  return {
    models: [
      { id, displayName: 'Tidegate Demo', aliases: [], engines, thinkingByDefault: true },
      {
        ...flash,
        standIn: id,
        aliases: flashAliases,
        engines,
        thinkingByDefault: true,
      },
    ],
    engines: [{ id, kind: 'llama', path: demoModelPath }],
  }
}
