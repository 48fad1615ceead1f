// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are the configuration file's own variables
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { defaultLimits } from './completion/limits.ts'
import { configJsonSchema } from './config/schema.ts'
import { loadConfig } from './config.ts'

let cwd: string
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'tidegate-config-'))
})
afterEach(() => rmSync(cwd, { recursive: true }))

const load = (argv: readonly string[] = [], env: Record<string, string> = {}) => loadConfig({ argv, env, cwd })
const loadYaml = (text: string, env: Record<string, string> = {}) => {
  writeFileSync(join(cwd, 'tidegate.yaml'), text)
  return load([], env)
}

const oneModel = `
models:
  - id: small
    engines: [a]
engines:
  - { id: a, kind: llama, path: ./models/some.gguf }
`

describe('workers', () => {
  const remote =
    'models: [{ id: m, engines: [a] }]\nengines: [{ id: a, kind: openai, url: "http://a:1", model: x, apiKey: k }]\n'

  test('as many as asked for; auto is one a core, four at most', () => {
    expect(loadYaml(`server: { workers: 7 }\n${remote}`).server.workers).toBe(7)
    expect(loadYaml(remote).server.workers).toBe(Math.min(availableParallelism(), 4))
    expect(() => loadYaml(`server: { workers: many }\n${remote}`)).toThrow(
      "server.workers must be 'auto' or a whole number from 1 to 256.",
    )
  })
  test('an embedded engine is served by one process, and whoever asked for more is told', () => {
    const { server, notes } = loadYaml(`server: { workers: 7 }\n${oneModel}`)
    expect([server.workers, notes]).toEqual([1, [expect.stringMatching(/^server\.workers is 7, but/)]])
    expect(loadYaml(oneModel)).toMatchObject({ server: { workers: 1 }, notes: [] })
  })
})

describe('with nothing configured', () => {
  test('the defaults are those of the design, and every limit is the contract’s', () => {
    const config = load()
    expect(config).toMatchObject({ host: '127.0.0.1', port: 8080, server: { drainMs: 30_000 }, log: { level: 'info' } })
    expect(config.data).toBe(join(cwd, 'data'))
    expect(config.limits).toEqual(defaultLimits)
    expect(config.notes).toEqual([])
    expect(config).not.toHaveProperty('bootstrapKey')
  })

  test('C40: the demo model serves under its own name, and stands in for deepseek-v4-flash with the two known aliases', () => {
    const { models, engines } = load()
    expect(engines).toEqual([
      {
        id: 'tidegate-demo',
        kind: 'llama',
        path: resolve(import.meta.dirname, '../../models/demo/tidegate-demo.gguf'),
      },
    ])
    expect(models.map((model) => [model.id, model.standIn])).toEqual([
      ['tidegate-demo', undefined],
      ['deepseek-v4-flash', 'tidegate-demo'],
    ])
    expect(models[1]?.aliases).toEqual([
      { name: 'deepseek-chat', thinking: false },
      { name: 'deepseek-reasoner', thinking: true },
    ])
  })

  test('a DeepSeek key alone serves deepseek-v4-flash from the DeepSeek API, and says where questions go', () => {
    const config = load([], { DEEPSEEK_API_KEY: 'sk-nobody' })
    expect(config.notes).toEqual([expect.stringMatching(/^(?!.*sk-nobody)DEEPSEEK_API_KEY.*api\.deepseek\.com/)])
    expect(config.models.map(({ id, standIn, aliases }) => [id, standIn, aliases.length])).toEqual([
      ['deepseek-v4-flash', undefined, 2],
    ])
    expect(config.engines).toMatchObject([
      { kind: 'deepseek', url: 'https://api.deepseek.com', apiKey: 'sk-nobody', model: 'deepseek-v4-flash' },
    ])
    expect(() => load([], { DEEPSEEK_API_KEY: 'sk-no\nbody' })).toThrow(
      expect.objectContaining({ message: expect.stringMatching(/^(?!.*sk-no)DEEPSEEK_API_KEY must be/) }),
    )
  })

  test('a file that sets only other things leaves the demo model in place', () => {
    const config = loadYaml('log: { level: debug }\n')
    expect(config.log.level).toBe('debug')
    expect(config.models.map((model) => model.id)).toContain('tidegate-demo')
  })
})

describe('precedence', () => {
  test('a flag wins over a variable, a variable over the file, the file over the default', () => {
    writeFileSync(join(cwd, 'tidegate.yaml'), 'port: 1001\nhost: 10.0.0.1\ndata: ./d\nlog: { level: warn }\n')
    const env = { TIDEGATE_PORT: '1002', TIDEGATE_HOST: '10.0.0.2' }
    expect(load(['--port', '1003'], env)).toMatchObject({ port: 1003, host: '10.0.0.2', log: { level: 'warn' } })
    expect(load([], { TIDEGATE_DATA: 'elsewhere' }).data).toBe(join(cwd, 'elsewhere'))
    expect(load().data).toBe(join(cwd, 'd'))
  })

  test('a bootstrap key is taken as it is, with a note when it is short', () => {
    expect(load([], { TIDEGATE_BOOTSTRAP_KEY: 'x'.repeat(24) })).toMatchObject({
      bootstrapKey: 'x'.repeat(24),
      notes: [],
    })
    const { bootstrapKey, notes } = load([], { TIDEGATE_BOOTSTRAP_KEY: 'sk-test' })
    expect(bootstrapKey).toBe('sk-test')
    expect(notes).toEqual([expect.stringMatching(/^TIDEGATE_BOOTSTRAP_KEY is short(?!.*sk-test)/)])
  })

  test('an empty variable is no variable', () => {
    expect(load([], { TIDEGATE_PORT: '', TIDEGATE_CONFIG: '', TIDEGATE_BOOTSTRAP_KEY: '' }).port).toBe(8080)
  })

  test('paths of a file start at the file’s folder', () => {
    mkdirSync(join(cwd, 'etc'))
    writeFileSync(join(cwd, 'etc', 't.yaml'), `data: ../data\n${oneModel}`)
    const config = load(['--config', 'etc/t.yaml'])
    expect(config.data).toBe(join(cwd, 'data'))
    expect(config.engines[0]).toMatchObject({ path: join(cwd, 'etc', 'models', 'some.gguf') })
  })

  test('--model serves that file alone, under its base name', () => {
    writeFileSync(join(cwd, 'tidegate.yaml'), oneModel)
    const config = load(['--model', 'weights/My Model-Q4.gguf'])
    expect(config.models).toEqual([
      {
        id: 'My-Model-Q4',
        displayName: 'My-Model-Q4',
        aliases: [],
        engines: [{ engine: 'My-Model-Q4', weight: 1 }],
        thinkingByDefault: true,
      },
    ])
    expect(config.engines).toEqual([
      { id: 'My-Model-Q4', kind: 'llama', path: join(cwd, 'weights', 'My Model-Q4.gguf') },
    ])
    expect(config.notes).toEqual([expect.stringContaining('--model')])
  })
})

test('a file’s models and engines are resolved', () => {
  const config = loadYaml(`
limits: { keepaliveMs: 100, defaultMaxTokens: { thinkingOn: 7 } }
models:
  - id: small
    name: The small one
    aliases: [little, { name: tiny, thinking: disabled }]
    engines: [a, { engine: b, weight: 3 }]
    thinking: disabled
    maxOutput: 100
engines:
  - { id: a, kind: llama, path: a.gguf, context: 4096, slots: 8 }
  - { id: b, kind: llama, path: /srv/b.gguf }
`)
  expect(config.models).toEqual([
    {
      id: 'small',
      displayName: 'The small one',
      aliases: [{ name: 'little' }, { name: 'tiny', thinking: false }],
      engines: [
        { engine: 'a', weight: 1 },
        { engine: 'b', weight: 3 },
      ],
      thinkingByDefault: false,
      maxOutput: 100,
    },
  ])
  expect(config.engines[0]).toMatchObject({ path: join(cwd, 'a.gguf'), context: 4096, slots: 8 })
  expect(config.limits).toEqual({
    ...defaultLimits,
    keepaliveMs: 100,
    defaultMaxTokens: { ...defaultLimits.defaultMaxTokens, thinkingOn: 7 },
  })
})

describe('variables in a file', () => {
  test('are put in, with a default where one is written; a plain one may be a number', () => {
    const config = loadYaml('host: "${HOST}.local"\nport: ${PORT}\ndata: ${DATA:-/srv/tide}\n', {
      HOST: 'x',
      PORT: '81',
    })
    expect(config).toMatchObject({ host: 'x.local', port: 81, data: '/srv/tide' })
  })

  test('stay text in quotes, and a doubled dollar sign is a dollar sign', () => {
    expect(loadYaml('host: "${N}"\ndata: "/a/$${b}"\n', { N: '12' })).toMatchObject({ host: '12', data: '/a/${b}' })
  })

  test('that are not set are an error with the line', () => {
    expect(() => loadYaml('port: 1\nhost: ${NOWHERE}\n')).toThrow(
      'tidegate.yaml:2:7: the environment variable NOWHERE is not set',
    )
  })
})

describe('a mistake is named with its place', () => {
  test.each([
    ['port: 1\nhst: x\n', "tidegate.yaml:2:1: there is no setting 'hst'. Did you mean 'host'?"],
    ['port: many\n', 'tidegate.yaml:1:7: port must be a number'],
    ['port: 70000\n', 'tidegate.yaml:1:7: port must be at most 65535.'],
    [
      'limits:\n  keepAliveMs: 1\n',
      "tidegate.yaml:2:3: there is no setting 'limits.keepAliveMs'. Did you mean 'keepaliveMs'?",
    ],
    ['limits: { keepaliveMs: 0 }\n', 'limits.keepaliveMs must be at least 1.'],
    ['limits: { defaultMaxTokens: { thinkingOn: "5" } }\n', 'limits.defaultMaxTokens.thinkingOn must be a number'],
    ['server: 5\n', 'tidegate.yaml:1:9: server must be a map of settings'],
    ['- a\n', 'tidegate.yaml:1:1: the file must be a map of settings'],
    ['port: [\n', 'tidegate.yaml:2:1: this is not YAML'],
    ['port: 1\nport: 2\n', 'tidegate.yaml:2:1: this is not YAML: Map keys must be unique'],
    [
      'engines:\n  - { id: a, kind: ollama, url: x }\n',
      'tidegate.yaml:2:20: engines[0].kind must be one of the engine kinds of this version: llama, deepseek, openai, sglang, vllm, llama-server, tidegate.',
    ],
    [
      'engines:\n  - { id: a, kind: openai, model: m, url: "https://u:p@host" }\n',
      'tidegate.yaml:2:43: engines[0].url must be an address that starts with http:// or https://',
    ],
    ['engines:\n  - { id: a, kind: deepseek, apiKey: "a b" }\n', 'engines[0].apiKey must be a key without spaces'],
    ['engines:\n  - { id: a, kind: deepseek }\n', 'engines[0].apiKey is missing.'],
    [
      'engines:\n  - { id: a, kind: deepseek, apiKey: k, apiKeyFile: f }\n',
      'engines[0].apiKey is given twice: apiKeyFile is there too.',
    ],
    ['engines:\n  - { id: a, kind: llama }\n', 'tidegate.yaml:2:5: engines[0].path is missing.'],
    [
      'engines:\n  - { id: a, kind: llama, path: x.gguf, slot: 4 }\n',
      "tidegate.yaml:2:41: there is no setting 'engines[0].slot'. Did you mean 'slots'?",
    ],
    [
      'engines:\n  - { id: a, kind: llama, path: x.gguf }\n',
      "there are engines, but no models that use them. Add 'models'.",
    ],
    [oneModel.replace('[a]', '[b]'), "tidegate.yaml:4:15: there is no engine 'b'. The engines are: a."],
    [oneModel.replace('[a]', '[{ engine: a, weigth: 2 }]'), "Did you mean 'weight'?"],
    [oneModel.replace('[a]', '[]'), 'models[0].engines must be at least 1 entry.'],
    [
      oneModel.replace('    engines: [a]', '    engines: [a]\n    thinking: auto'),
      'models[0].thinking must be one of: enabled, disabled.',
    ],
    [
      oneModel.replace('    engines: [a]', '    engines: [a]\n    aliases: [small]'),
      "the name 'small' is claimed by 'small' and by 'small'.",
    ],
    [oneModel.replace('id: small', 'id: "a b"'), 'models[0].id must be a name'],
    [`${oneModel}  - { id: a, kind: llama, path: b.gguf }\n`, "there are two engines with the id 'a'."],
  ])('%j', (text, message) => {
    expect(() => loadYaml(text)).toThrow(message)
  })

  test('several mistakes are told at once', () => {
    expect(() => loadYaml('hots: x\nport: -1\n')).toThrow(/hots.*\n.*port|port.*\n.*hots/)
  })

  test('a value is never repeated, for it may be a credential', () => {
    expect(() => loadYaml('port: ${SECRET}\n', { SECRET: 'hunter2-hunter2' })).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('hunter2') }),
    )
  })

  test('flags and variables are named too', () => {
    expect(() => load(['--port', '99999'])).toThrow("--port is '99999': must be at most 65535.")
    expect(() => load([], { TIDEGATE_PORT: 'http' })).toThrow("TIDEGATE_PORT is 'http': must be a number")
    expect(() => load(['--port', ' '])).toThrow("--port is ' ': must be a number.")
    expect(() => load(['--port', '-1'])).toThrow(/--port/)
    expect(() => load(['--host', ''])).toThrow("--host is '': must not be empty.")
    expect(() => load(['--data', ''])).toThrow("--data is '': must not be empty.")
    expect(() => load([], { TIDEGATE_LOG_LEVEL: 'loud' })).toThrow('TIDEGATE_LOG_LEVEL')
    expect(() => load(['--prot', '1'])).toThrow('There is no option --prot. Did you mean --port?')
    expect(() => load(['stray'])).toThrow(/stray/)
    expect(() => load(['--model', 'x.bin'])).toThrow(/\.gguf/)
    expect(() => load(['--model', 'a/x.gguf', '--model', 'b/x.gguf'])).toThrow(/claimed/)
    expect(() => load(['--config', 'none.yaml'])).toThrow(/none\.yaml/)
  })

  test('a database that several machines share is named by the environment or by the file, and never told', () => {
    const url = 'postgres://u:secret@h/d'
    expect(load([])).not.toHaveProperty('databaseUrl')
    expect(load([], { TIDEGATE_DATABASE_URL: url, TIDEGATE_SECRET_FILE: 'run/secret' })).toMatchObject({
      databaseUrl: url,
      secretFile: resolve(cwd, 'run/secret'),
    })
    writeFileSync(join(cwd, 'tidegate.yaml'), 'databaseUrl: ${DB}')
    expect(load([], { DB: url }).databaseUrl).toBe(url)
    expect(load([], { DB: url, TIDEGATE_DATABASE_URL: 'postgresql://other/d' }).databaseUrl).toBe(
      'postgresql://other/d',
    )
    const wrong = expect.objectContaining({
      message: expect.stringMatching(/^(?!.*secret@).*must be an address such as postgres:/),
    })
    expect(() => load([], { DB: url, TIDEGATE_DATABASE_URL: 'mysql://u:secret@h/d' })).toThrow(wrong)
    expect(() => load([], { DB: 'mysql://u:secret@h/d' })).toThrow(wrong)
  })
})

/** After a change of the schema: `npx tidegate schema > docs/tidegate.schema.json && npm run format`. */
test('the published JSON Schema is up to date', () => {
  const published = readFileSync(resolve(import.meta.dirname, '../../docs/tidegate.schema.json'), 'utf8')
  expect(JSON.parse(published)).toEqual(configJsonSchema())
})

test('C40: deepseek-v4-flash in a file answers to its known aliases too, but for those that another model has', () => {
  const file = (aliases: string) => `
models:
  - { id: deepseek-v4-flash, engines: [a] }
  - { id: other, engines: [a], aliases: [${aliases}] }
engines:
  - { id: a, kind: llama, path: ./models/some.gguf }
`
  const names = (text: string) => loadYaml(text).models.map((model) => model.aliases.map((alias) => alias.name))
  expect(names(file(''))).toEqual([['deepseek-chat', 'deepseek-reasoner'], []])
  expect(names(file('deepseek-chat'))).toEqual([['deepseek-reasoner'], ['deepseek-chat']])
})

test('C16: an operator can let temperature and top_p count while a DeepSeek model thinks', () => {
  expect(loadYaml(oneModel).models[0]).not.toHaveProperty('samplesAsAsked')
  expect(
    loadYaml(oneModel.replace('engines: [a]', 'engines: [a]\n    thinkingSampling: asked')).models[0],
  ).toHaveProperty('samplesAsAsked', true)
})

test('the faces of an engine are settings of the kinds that have two, and a template is found beside the file', () => {
  const engine = (fields: string) => `
models: [{ id: m, engines: [a] }]
engines: [{ id: a, url: http://h, model: m, ${fields} }]
`
  const [vllm] = loadYaml(engine('kind: vllm, face: raw, chatTemplate: ./t.jinja, constrains: true')).engines
  expect(vllm).toMatchObject({ face: 'raw', constrains: true, chatTemplate: expect.stringMatching(/^\/.*\/t\.jinja$/) })
  expect(() => loadYaml(engine('kind: openai, face: raw'))).toThrow(/face/)
  expect(() => loadYaml(engine('kind: vllm, face: both'))).toThrow(/face/)
})

test('whether a model thinks is known of every kind but openai, where only the operator can tell', () => {
  const engine = (fields: string) =>
    loadYaml(`
models: [{ id: m, engines: [a] }]
engines: [{ id: a, url: http://h, model: m, ${fields} }]
`).engines[0]
  for (const kind of ['sglang', 'vllm', 'llama-server', 'deepseek'])
    expect(engine(`kind: ${kind}, apiKey: k`)).toMatchObject({ thinking: true })
  expect(engine('kind: openai')).not.toHaveProperty('thinking')
  expect(engine('kind: openai, thinking: false')).toMatchObject({ thinking: false })
})

test('a key file stands in for a key, and its path starts at the folder of the file', () => {
  const engines = (key: string) => `
models: [{ id: m, engines: [a] }]
engines: [{ id: a, kind: deepseek, ${key} }]
`
  expect(loadYaml(engines('apiKeyFile: keys/deepseek')).engines).toMatchObject([
    { apiKeyFile: join(cwd, 'keys/deepseek') },
  ])
  expect(loadYaml(engines('apiKeyFile: /run/key')).engines).toMatchObject([{ apiKeyFile: '/run/key' }])
})
