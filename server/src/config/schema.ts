/** The shape of `tidegate.yaml`: one schema, from which the checks, the defaults and the editors' JSON Schema come. */
import { z } from 'zod'
import { defaultLimits, type Limits } from '../completion/limits.ts'

const name = z.string().regex(/^[^\s\p{Cc}]{1,128}$/u, 'must be a name of 1 to 128 characters without spaces')

const url = z
  .string()
  .refine(
    isServiceUrl,
    'must be an address that starts with http:// or https://, without a user, a query or a fragment',
  )
const apiKey = z
  .string()
  .regex(/^[\x21-\x7e]+$/, 'must be a key without spaces and line ends')
  .describe('The key for it; best taken from a variable of the environment.')

/** What an engine behind HTTP cannot tell by itself. */
const chatFacts = {
  concurrency: z.int().min(1).max(1_000_000).default(10_000).describe('Requests it gets at once; more of them wait.'),
  contextWindow: z.int().min(256).default(1_048_576).describe('Tokens of prompt and answer together.'),
  maxOutput: z.int().min(1).default(393_216).describe('Most output tokens of one answer.'),
  logprobs: z.boolean().default(false).describe('It can give log probabilities.'),
}

/** One entry for each kind of engine: a new kind is a new line here, and a case where engines are made. */
export const engineKinds = {
  llama: z.strictObject({
    id: name,
    kind: z.literal('llama'),
    path: z.string().min(1).describe('The GGUF file; a relative path starts at the folder of this file.'),
    context: z
      .int()
      .min(256)
      .exactOptional()
      .describe('Tokens of prompt and answer together. Default: what the model was made for.'),
    slots: z.int().min(1).max(256).exactOptional().describe('Requests decoded side by side.'),
    threads: z
      .int()
      .min(1)
      .max(1024)
      .exactOptional()
      .describe('CPU threads. Default: one less than the machine has cores.'),
    gpu: z
      .union([z.literal(false), z.enum(['auto', 'cuda', 'metal', 'vulkan'])])
      .exactOptional()
      .describe('Use a GPU, where the optional package for it is installed. Default: false.'),
  }),
  deepseek: z.strictObject({
    id: name,
    kind: z.literal('deepseek'),
    url: url.default('https://api.deepseek.com').describe('Where the DeepSeek API is.'),
    apiKey,
    model: z.string().min(1).default('deepseek-v4-flash').describe('The name of the model over there.'),
    ...chatFacts,
    thinking: z.boolean().default(true).describe('The model can think.'),
  }),
  openai: z.strictObject({
    id: name,
    kind: z.literal('openai'),
    url: url.describe('An address without a path gets /v1; one with a path is taken as it is.'),
    apiKey: apiKey.exactOptional(),
    model: z.string().min(1).describe('The name of the model over there.'),
    ...chatFacts,
    thinking: z.boolean().default(false).describe('The model thinks, and shows it.'),
  }),
} as const

const engine = z.discriminatedUnion('kind', [engineKinds.llama, engineKinds.deepseek, engineKinds.openai])

const model = z.strictObject({
  id: name.describe('The public name.'),
  name: z.string().min(1).max(128).exactOptional().describe('For people. Default: the id.'),
  aliases: z
    .array(z.union([name, z.strictObject({ name, thinking: z.enum(['enabled', 'disabled']).exactOptional() })]))
    .default([])
    .describe('Other names that clients may use; one may carry its own default for thinking.'),
  engines: z
    .array(z.union([name, z.strictObject({ engine: name, weight: z.number().positive().max(1000).default(1) })]))
    .min(1)
    .describe('The replicas that answer, by their ids.'),
  thinking: z.enum(['enabled', 'disabled']).default('enabled').describe('The default when a request is silent.'),
  thinkingSampling: z
    .enum(['fixed', 'asked'])
    .default('fixed')
    .describe('Whether temperature and top_p of a request count while a DeepSeek model thinks. Default: they do not.'),
  contextWindow: z
    .int()
    .min(256)
    .exactOptional()
    .describe('Tokens of prompt and answer together, at most what the engine has.'),
  maxOutput: z.int().min(1).exactOptional().describe('Most output tokens of one answer.'),
})

export const configFile = z
  .strictObject({
    $schema: z.string().exactOptional().describe('For editors.'),
    host: z.string().min(1).default('127.0.0.1').describe('The address to listen on.'),
    port: z.int().min(0).max(65_535).default(8080).describe('The port to listen on; 0 picks a free one.'),
    data: z.string().min(1).default('./data').describe('The folder of the database and the server secret.'),
    server: z
      .strictObject({
        drainMs: z.int().min(0).default(30_000).describe('How long open answers may go on after SIGTERM.'),
        corsOrigins: z
          .array(z.url({ protocol: /^https?$/ }).regex(/^[^/]+\/\/[^/]+$/, 'must be an origin, without a path'))
          .default([])
          .describe('Origins whose pages may call from a browser, e.g. https://chat.example.org. Default: none.'),
      })
      .prefault({}),
    limits: limitsLike(defaultLimits).prefault({}).describe("The contract's constants; times are in milliseconds."),
    log: z
      .strictObject({ level: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace']).default('info') })
      .prefault({}),
    keepReasoning: z
      .boolean()
      .default(true)
      .describe('Keep the reasoning of tool-calling turns (encrypted) for clients that do not send it back.'),
    models: z.array(model).default([]),
    engines: z.array(engine).default([]),
  })
  .describe('Configuration of Tidegate.')

function isServiceUrl(text: string): boolean {
  const parsed = URL.parse(text)
  return (
    parsed !== null &&
    ['http:', 'https:'].includes(parsed.protocol) &&
    parsed.username + parsed.password + parsed.search + parsed.hash === ''
  )
}

export type FileInput = z.infer<typeof configFile>
export type EngineConfig = z.infer<typeof engine>
export type LogLevel = FileInput['log']['level']

/** For editors: what may stand in the file, with what is optional left optional. */
export function configJsonSchema(): Record<string, unknown> {
  return { title: 'Tidegate', ...z.toJSONSchema(configFile, { io: 'input' }) }
}

/** Every limit may be set, each alone; what is not set keeps its default. New limits need no line here. */
function limitsLike(defaults: typeof defaultLimits) {
  const mayBeZero = new Set(['qualityRetries', 'queueLength', 'reasoningTtlMs'])
  const shapeOf = (values: object): z.ZodType =>
    z
      .strictObject(
        Object.fromEntries(
          Object.entries(values).map(([key, value]: [string, unknown]) => [
            key,
            typeof value === 'number'
              ? z
                  .int()
                  .min(mayBeZero.has(key) ? 0 : 1)
                  .default(value)
              : shapeOf(Object(value)),
          ]),
        ),
      )
      .prefault({})
  return shapeOf(defaults) as z.ZodType<Limits, DeepPartial<Limits>>
}

type DeepPartial<T> = { readonly [K in keyof T]?: T[K] extends number ? number : DeepPartial<T[K]> }
