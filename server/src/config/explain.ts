/** What is wrong with a configuration, in sentences for the operator. A value of the file is never repeated: it may be a credential. */
import type { z } from 'zod'
import { nearest } from '../lib/nearest.ts'
import type { YamlFile } from '../lib/yaml-file.ts'
import { configFile, engineKinds } from './schema.ts'

type Issue = z.core.$ZodIssue

/** One issue of the schema, as one sentence a problem, each with its place in the file. */
export function explain(issue: Issue, yaml: YamlFile, path: readonly PropertyKey[] = issue.path): string[] {
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => {
      const meant = nearest(key, keysAt(path))
      return `${yaml.where(path, key)}: there is no setting '${nameOf([...path, key])}'.${meant ? ` Did you mean '${meant}'?` : ''}`
    })
  if (issue.code === 'invalid_union') {
    // The alternatives are a word or something else; whoever wrote something else wants to hear about that.
    const isOther = ({ path: inner, code }: Issue) =>
      inner.length === 0 && (code === 'invalid_type' || code === 'invalid_value')
    const closest = issue.errors.find((issues) => !issues.some(isOther))
    if (closest) return closest.flatMap((inner) => explain(inner, yaml, [...path, ...inner.path]))
  }
  return [`${yaml.where(path)}: ${nameOf(path)} ${sentence(issue)}`]
}

const kinds: Record<string, string> = {
  number: 'a number',
  int: 'a whole number',
  string: 'text',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map of settings',
}

/** What one value should have been, without its name: `must be at most 65535.` */
export function sentence(issue: Issue | undefined): string {
  if (issue?.code === 'invalid_union' && 'discriminator' in issue)
    return `must be one of the engine kinds of this version: ${Object.keys(engineKinds).join(', ')}.`
  if (issue?.code === 'invalid_type' && issue.message.includes('received undefined')) return 'is missing.'
  if (issue?.code === 'invalid_value') return `must be one of: ${issue.values.join(', ')}.`
  if (issue?.code === 'too_small' && issue.origin === 'string') return 'must not be empty.'
  if (issue?.code === 'too_small')
    return `must be at least ${issue.minimum}${issue.origin === 'array' ? ' entry' : ''}.`
  if (issue?.code === 'too_big') return `must be at most ${issue.maximum}.`
  if (issue?.code === 'invalid_type') return `must be ${kinds[issue.expected] ?? issue.expected}.`
  return `${issue?.message ?? 'is not valid'}.`
}

const nameOf = (path: readonly PropertyKey[]): string =>
  path.reduce<string>(
    (name, step) =>
      typeof step === 'number' ? `${name}[${step}]` : name === '' ? String(step) : `${name}.${String(step)}`,
    '',
  ) || 'the file'

/** The settings that exist at a place in the file: read off the JSON Schema, which has one shape for all of zod's wrappers. */
function keysAt(path: readonly PropertyKey[]): string[] {
  type Node = { properties?: Record<string, Node>; items?: Node; anyOf?: Node[]; oneOf?: Node[] }
  const alternatives = (node: Node): Node[] => [
    node,
    ...[...(node.anyOf ?? []), ...(node.oneOf ?? [])].flatMap(alternatives),
  ]
  const inside = (node: Node, step: PropertyKey) =>
    typeof step === 'number' ? node.items : node.properties?.[String(step)]
  let nodes = alternatives(configFile.toJSONSchema({ io: 'input' }) as Node)
  for (const step of path)
    nodes = nodes.flatMap((node) => {
      const next = inside(node, step)
      return next ? alternatives(next) : []
    })
  return nodes.flatMap((node) => Object.keys(node.properties ?? {}))
}
