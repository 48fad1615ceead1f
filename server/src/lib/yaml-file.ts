/** YAML with `${NAME}` taken from the environment, in which every value still knows the line it came from. */
import { isCollection, isMap, isScalar, LineCounter, parseDocument, type Scalar, visit } from 'yaml'
import { OperatorError } from './operator-error.ts'

export type Environment = Readonly<Record<string, string | undefined>>

export interface YamlFile {
  readonly value: unknown
  /** `file:line:column` of the value at `path`, or of the nearest part of the file around it. With `key`, of that key's name. */
  where(path: readonly PropertyKey[], key?: string): string
}

/**
 * `${NAME}` stands for a variable of the environment, `${NAME:-text}` for a variable or `text`, `$${` for the two characters
 * themselves. A value that is one variable and not quoted is read like YAML, so that `port: ${PORT}` is a number.
 * @throws OperatorError which names the line, for broken YAML and for a variable that is not set
 */
export function readYaml(text: string, file: string, env: Environment): YamlFile {
  const lines = new LineCounter()
  const place = (offset: number) => {
    const { line, col } = lines.linePos(offset)
    return `${file}:${line}:${col}`
  }
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true })
  const broken = document.errors[0]
  if (broken) throw new OperatorError(`${place(broken.pos[0])}: this is not YAML: ${broken.message}`)

  visit(document, {
    Scalar(key, node) {
      if (key === 'key' || typeof node.value !== 'string') return
      const substituted = substitute(node.value, env, () => place(node.range?.[0] ?? 0))
      node.value = substituted !== node.value && isOneVariable(node) ? rereadPlain(substituted) : substituted
    },
  })

  return {
    value: document.toJS({ maxAliasCount: 100 }),
    where(path, key) {
      let deepest: unknown = document.contents
      for (const step of path) {
        if (!isCollection(deepest)) break
        const inside: unknown = deepest.get(step, true)
        if (inside === undefined || inside === null) break
        deepest = inside
      }
      if (key !== undefined && isMap(deepest)) {
        const pair = deepest.items.find((item) => isScalar(item.key) && item.key.value === key)
        if (pair) deepest = pair.key
      }
      const range = isScalar(deepest) || isCollection(deepest) ? deepest.range : undefined
      return place(range?.[0] ?? 0)
    },
  }
}

const variable = /\$\$\{|\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}/g

function substitute(text: string, env: Environment, where: () => string): string {
  return text.replace(variable, (found, name: string | undefined, fallback: string | undefined) => {
    if (name === undefined) return '${'
    const value = env[name]
    if (value !== undefined && value !== '') return value
    if (fallback !== undefined) return fallback
    throw new OperatorError(`${where()}: the environment variable ${name} is not set (found: ${found}).`)
  })
}

const isOneVariable = (node: Scalar): boolean =>
  node.type === 'PLAIN' && typeof node.source === 'string' && /^\$\{[^{}]*\}$/.test(node.source)

/** Numbers and truth values only: anything else stays the text that it is. */
function rereadPlain(text: string): string | number | boolean {
  if (text === 'true' || text === 'false') return text === 'true'
  return /^-?(0|[1-9][0-9]*)(\.[0-9]+)?$/.test(text) && text.length < 16 ? Number(text) : text
}
