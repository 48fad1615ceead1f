/** The shape of `tidegate.yaml`: one schema, from which the checks, the defaults and the editors' JSON Schema come. */
import { isIP } from 'node:net'
import { z } from 'zod'
import { defaultLimits, type Limits } from '../completion/limits.ts'
import { type RemoteKind, remoteKinds } from '../engines/kinds.ts'
import { prefixModes, type Wire } from '../engines/openai-wire/wire.ts'
import { rawWires } from '../engines/remote-raw/wires.ts'

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

const equivalence = name
  .exactOptional()
  .describe(
    "Engines with the same word here go on with one another's broken answers, though their weights, quantisation or address differ.",
  )

/** An engine behind HTTP: what its kind knows by itself, and what only the operator can tell. */
function remoteEngine<K extends RemoteKind>(kind: K) {
  const { defaults }: Wire = remoteKinds[kind]
  const described = url.describe(
    'Where it is. An address without a path gets the usual one; one with a path is taken as it is.',
  )
  const model = z.string().min(1)
  const engine = z.strictObject({
    id: name,
    kind: z.literal(kind),
    url: defaults.url === undefined ? described : described.default(defaults.url),
    apiKey: apiKey.exactOptional(),
    apiKeyFile: z
      .string()
      .min(1)
      .exactOptional()
      .describe('A file that holds the key, in place of apiKey. It is read again when the key is refused.'),
    model: (defaults.model === undefined ? model : model.default(defaults.model)).describe(
      'The name of the model over there.',
    ),
    healthPath: z
      .string()
      .regex(/^\/\S*$/, 'must be a path that starts with a slash')
      .exactOptional()
      .describe(
        'Where it tells whether it takes requests: /health/ready of another Tidegate. Default: what its kind has.',
      ),
    concurrency: z.int().min(1).max(1_000_000).default(10_000).describe('Requests it gets at once; more of them wait.'),
    contextWindow: z.int().min(256).default(1_048_576).describe('Tokens of prompt and answer together.'),
    maxOutput: z.int().min(1).default(393_216).describe('Most output tokens of one answer.'),
    logprobs: z.boolean().default(false).describe('It can give log probabilities.'),
    equivalence,
    prefixMode: z
      .enum(prefixModes)
      .exactOptional()
      .describe(
        'How its chat API is told to go on exactly where a last assistant message ends. Default: DeepSeek only.',
      ),
    thinking: (defaults.thinking === undefined
      ? z.boolean().exactOptional()
      : z.boolean().default(defaults.thinking)
    ).describe('The model can think, and shows it.'),
    ...rawOptions(kind),
  })
  return engine.superRefine((given, context) => {
    const problem = (message: string) => context.addIssue({ code: 'custom', path: ['apiKey'], message })
    if (given.apiKey !== undefined && given.apiKeyFile !== undefined) problem('is given twice: apiKeyFile is there too')
    if (defaults.needsKey && given.apiKey === undefined && given.apiKeyFile === undefined)
      problem('is missing. A file can hold it: apiKeyFile')
  })
}

const ofRawFace = {
  face: z
    .enum(['auto', 'chat', 'raw'])
    .exactOptional()
    .describe(
      'How it is used: by its chat API, or by its raw endpoints, so that prompt and parser are ours. Default: auto.',
    ),
  chatTemplate: z
    .string()
    .min(1)
    .exactOptional()
    .describe("For the raw face: a file with the model's Jinja chat template, or its tokenizer_config.json."),
  constrains: z
    .boolean()
    .exactOptional()
    .describe('For the raw face: whether it is asked to enforce grammars. Default: llama-server only.'),
}

/** For the kinds that have a raw face; absent for the others, whatever the type says of what is optional. */
const rawOptions = (kind: RemoteKind): typeof ofRawFace => (kind in rawWires ? ofRawFace : ({} as typeof ofRawFace))

const remoteEngines = Object.fromEntries(
  Object.keys(remoteKinds).map((kind) => [kind, remoteEngine(kind as RemoteKind)]),
) as { readonly [K in RemoteKind]: ReturnType<typeof remoteEngine<K>> }

/** One entry for each kind of engine; the kinds behind HTTP come from `engines/kinds.ts`. */
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
    equivalence,
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
  ...remoteEngines,
} as const

const engine = z.discriminatedUnion('kind', [engineKinds.llama, ...Object.values(remoteEngines)])

const rate = z.number().min(0).max(1_000_000)

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
  resume: z
    .boolean()
    .default(true)
    .describe('When an engine is lost in the middle of an answer, another one of the same weights goes on with it.'),
  hedge: z
    .strictObject({
      afterMs: z
        .union([z.literal('p95'), z.int().min(1).max(600_000)])
        .default('p95')
        .describe(
          'Milliseconds after which it is asked; p95: the time within which 19 of 20 answers of this model begin.',
        ),
      shareMax: z.number().positive().max(0.5).default(0.05).describe('The share of requests that may be hedged.'),
    })
    .exactOptional()
    .describe(
      'When an answer does not begin, a second replica with room is asked, too; the first word decides, and the other attempt is cancelled. Default: off.',
    ),
  price: z
    .strictObject({
      inputPerMillion: rate.describe('A million tokens of prompt.'),
      cachedInputPerMillion: rate.exactOptional().describe('Those of them that were in the cache. Default: as others.'),
      outputPerMillion: rate.describe('A million tokens of answer, reasoning among them.'),
      currency: z
        .string()
        .regex(/^[A-Z]{3}$/, 'must be three capital letters, such as USD')
        .default('USD'),
    })
    .exactOptional()
    .describe('What it costs. A changed price counts from the next start; what was used before keeps its own.'),
})

export const databaseUrl = z
  .string()
  .regex(/^postgres(ql)?:\/\/\S+$/, 'must be an address such as postgres://user@host/name')

export const configFile = z
  .strictObject({
    $schema: z.string().exactOptional().describe('For editors.'),
    host: z.string().min(1).default('127.0.0.1').describe('The address to listen on.'),
    port: z.int().min(0).max(65_535).default(8080).describe('The port to listen on; 0 picks a free one.'),
    data: z.string().min(1).default('./data').describe('The folder of the database and the server secret.'),
    databaseUrl: databaseUrl
      .exactOptional()
      .describe(
        'A PostgreSQL database that several machines share, postgres://…, instead of a file in the data folder.',
      ),
    secretFile: z
      .string()
      .min(1)
      .exactOptional()
      .describe(
        'Where the server secret lies, if not in the data folder. All that share a database need the same one.',
      ),
    server: z
      .strictObject({
        leaveMs: z
          .int()
          .min(0)
          .default(0)
          .describe(
            'How long requests are still taken after SIGTERM, while /health/ready tells that they will not be for long.',
          ),
        drainMs: z.int().min(0).default(30_000).describe('How long open answers may go on after that.'),
        workers: z
          .union([z.literal('auto'), z.int().min(1).max(256)], "must be 'auto' or a whole number from 1 to 256")
          .default('auto')
          .describe(
            'Processes that serve together on one port. auto: one a core, four at most; one with an embedded engine.',
          ),
        corsOrigins: z
          .array(z.url({ protocol: /^https?$/ }).regex(/^[^/]+\/\/[^/]+$/, 'must be an origin, without a path'))
          .default([])
          .describe('Origins whose pages may call from a browser, e.g. https://chat.example.org. Default: none.'),
        trustedProxies: z
          .array(z.string().refine(isAddress, 'must be an address such as 10.0.0.5, or a subnet such as 10.0.0.0/8'))
          .default(['127.0.0.0/8', '::1'])
          .describe('Proxies that say where a request came from (X-Forwarded-For, -Proto). Default: this machine.'),
      })
      .prefault({}),
    limits: limitsLike(defaultLimits).prefault({}).describe("The contract's constants; times are in milliseconds."),
    log: z
      .strictObject({
        level: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace']).default('info'),
        retentionDays: z
          .int()
          .min(1)
          .max(3_650)
          .default(30)
          .describe('How long single requests are kept; their sums by hour and by day stay longer.'),
        auditRetentionDays: z
          .int()
          .min(1)
          .max(36_500)
          .default(730)
          .describe('How long the audit trail says who changed what.'),
        record: z
          .enum(['none', 'all'])
          .default('none')
          .describe(
            'Whether prompts and answers are kept (encrypted) for the request log. They never stand in a log line.',
          ),
        recordRetentionDays: z.int().min(1).max(3_650).default(7).describe('How long they are kept.'),
      })
      .prefault({}),
    ledger: z
      .strictObject({
        hangUp: z
          .enum(['generated', 'delivered'])
          .default('generated')
          .describe(
            'What a caller pays who hangs up: the tokens generated until the engine stopped, or those that were sent.',
          ),
      })
      .prefault({}),
    keepReasoning: z
      .boolean()
      .default(true)
      .describe('Keep the reasoning of tool-calling turns (encrypted) for clients that do not send it back.'),
    models: z.array(model).default([]),
    engines: z.array(engine).default([]),
  })
  .describe('Configuration of Tidegate.')

function isAddress(text: string): boolean {
  const [address = '', bits, ...more] = text.split('/')
  const version = isIP(address)
  const most = version === 6 ? 128 : 32
  return version > 0 && more.length === 0 && (bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= most))
}

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

/** For editors: what may stand in the file, with what is optional left optional. */
export function configJsonSchema(): Record<string, unknown> {
  return { title: 'Tidegate', ...z.toJSONSchema(configFile, { io: 'input' }) }
}

/** Every limit may be set, each alone; what is not set keeps its default. New limits need no line here. */
function limitsLike(defaults: typeof defaultLimits) {
  const mayBeZero = new Set(['qualityRetries', 'queueLength', 'reasoningTtlMs', 'healthMs'])
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
