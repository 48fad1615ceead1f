/** Requests as people paste them into a shell or a program. */

export type SnippetLanguage = 'curl' | 'python' | 'typescript'
export const snippetLanguages: readonly { readonly id: SnippetLanguage; readonly name: string }[] = [
  { id: 'curl', name: 'curl' },
  { id: 'python', name: 'Python' },
  { id: 'typescript', name: 'TypeScript' },
]

type Body = Readonly<Record<string, unknown>>

export interface SnippetRequest {
  /** e.g. `https://tidegate.example.org/v1` */
  readonly baseUrl: string
  /** The secret, or what stands in its place. */
  readonly key: string
  readonly body: Body
}

export const snippet: Readonly<Record<SnippetLanguage, (request: SnippetRequest) => string>> = {
  curl: ({ baseUrl, key, body }) =>
    [
      `curl ${shell(`${baseUrl}/chat/completions`)}`,
      `  -H ${shell(`Authorization: Bearer ${key}`)}`,
      "  -H 'Content-Type: application/json'",
      `  -d ${shell(JSON.stringify(body, null, 2))}`,
    ].join(' \\\n'),

  python: ({ baseUrl, key, body }) => {
    const { known, own } = split(body)
    const fields = Object.entries(known).map(([name, value]) => `    ${name}=${python(value, 1)},\n`)
    const extra = Object.keys(own).length === 0 ? '' : `    extra_body=${python(own, 1)},\n`
    return `from openai import OpenAI

client = OpenAI(base_url=${python(baseUrl, 0)}, api_key=${python(key, 0)})
${body.stream ? 'stream' : 'answer'} = client.chat.completions.create(
${fields.join('')}${extra})
${body.stream ? pythonStream : 'print(answer.choices[0].message.content)'}
`
  },

  typescript: ({ baseUrl, key, body }) => {
    const { known, own } = split(body)
    const fields = [
      ...Object.entries(known).map(([name, value]) => `  ${name}: ${typescript(value, 1)},\n`),
      ...Object.entries(own).map(
        ([name, value]) => `  // @ts-expect-error a field of DeepSeek\n  ${name}: ${typescript(value, 1)},\n`,
      ),
    ]
    return `import OpenAI from 'openai'

const client = new OpenAI({ baseURL: ${typescript(baseUrl, 0)}, apiKey: ${typescript(key, 0)} })
const ${body.stream ? 'stream' : 'answer'} = await client.chat.completions.create({
${fields.join('')}})
${body.stream ? typescriptStream : 'console.log(answer.choices[0].message.content)'}
`
  },
}

const pythonStream = `for chunk in stream:
    if chunk.choices:
        print(chunk.choices[0].delta.content or "", end="", flush=True)`

const typescriptStream = `for await (const chunk of stream)
  process.stdout.write(chunk.choices[0]?.delta.content ?? '')`

/** What the OpenAI libraries do not know by name. */
const ownFields = new Set(['thinking', 'user_id'])

function split(body: Body): { known: Body; own: Body } {
  const entries = Object.entries(body)
  return {
    known: Object.fromEntries(entries.filter(([name]) => !ownFields.has(name))),
    own: Object.fromEntries(entries.filter(([name]) => ownFields.has(name))),
  }
}

/** In single quotes nothing means anything to a shell but a single quote. */
const shell = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`

const indent = (level: number, width: number): string => ' '.repeat(level * width)

function python(value: unknown, level: number): string {
  if (value === null || value === undefined) return 'None'
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  if (typeof value !== 'object') return JSON.stringify(value)
  return nested(value, level, 4, (item) => python(item, level + 1), JSON.stringify)
}

function typescript(value: unknown, level: number): string {
  if (typeof value === 'string')
    return `'${JSON.stringify(value).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const name = (text: string) => (/^[A-Za-z_$][\w$]*$/.test(text) ? text : typescript(text, 0))
  return nested(value, level, 2, (item) => typescript(item, level + 1), name)
}

function nested(
  value: object,
  level: number,
  width: number,
  write: (item: unknown) => string,
  nameOf: (name: string) => string,
): string {
  const [open, close] = Array.isArray(value) ? ['[', ']'] : ['{', '}']
  const items = Array.isArray(value)
    ? value.map(write)
    : Object.entries(value).map(([name, item]) => `${nameOf(name)}: ${write(item)}`)
  const space = open === '{' && width === 2 ? ' ' : ''
  const line = `${open}${space}${items.join(', ')}${space}${close}`
  if (items.length === 0) return `${open}${close}`
  if (line.length <= 80 && !line.includes('\n')) return line
  return `${open}\n${items.map((item) => `${indent(level + 1, width)}${item},\n`).join('')}${indent(level, width)}${close}`
}
