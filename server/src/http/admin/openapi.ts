import { z } from 'zod'
import { version } from '../../lib/version.ts'
import type { Operation } from './contract/operation.ts'
import { adminError, operations } from './contract.ts'

type Json = { readonly [key: string]: unknown }

/** The OpenAPI 3.1 document of the admin API, made of the table of operations. */
export function openApi(): Json {
  const schemas: Record<string, unknown> = {}
  /** A schema as it is written into the document; those with a name go to the components. */
  const schemaOf = (schema: z.ZodType): Json => {
    const { $schema, $defs, ...rest } = z.toJSONSchema(schema, { io: 'input' })
    Object.assign(schemas, atComponents($defs ?? {}))
    return atComponents(rest)
  }
  const paths: Record<string, Record<string, unknown>> = {}
  for (const [name, operation] of Object.entries<Operation>(operations)) {
    const [method = '', path = ''] = name.split(' ')
    paths[path] = { ...paths[path], [method.toLowerCase()]: operationOf(operation, schemaOf) }
  }
  return {
    openapi: '3.1.1',
    info: {
      title: 'Tidegate admin API',
      version,
      description:
        'Everything that the console does. Made for scripts with an admin key: `Authorization: Bearer`. ' +
        'New members of answers and new operations may come at any time.',
    },
    servers: [{ url: '/' }],
    security: [{ adminKey: [] }, { session: [] }],
    paths,
    components: {
      schemas: { Error: schemaOf(adminError), ...schemas },
      securitySchemes: {
        adminKey: { type: 'http', scheme: 'bearer', description: 'An admin key.' },
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: '__Host-tidegate',
          description: 'For the console. What is not a GET also needs the header `x-tidegate-console: 1`.',
        },
      },
    },
  }
}

/** zod refers to `#/$defs/…` of each schema; a document has one place for all. */
const atComponents = (schema: object): Json =>
  JSON.parse(JSON.stringify(schema).replaceAll('"#/$defs/', '"#/components/schemas/'))

function operationOf(operation: Operation, schemaOf: (schema: z.ZodType) => Json): Json {
  const { id, summary, may, params, query, body, status = 200 } = operation
  return {
    operationId: id,
    summary,
    ...(may === 'administrator' && { description: 'Administrators only.' }),
    ...(may === 'public' && { security: [] }),
    parameters: [...parametersOf('path', params, schemaOf), ...parametersOf('query', query, schemaOf)],
    ...(body && { requestBody: { required: true, content: { 'application/json': { schema: schemaOf(body) } } } }),
    responses: {
      [status]: { description: 'It was done.', ...contentOf(operation.answer, schemaOf) },
      default: {
        description: 'It was not done.',
        content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
      },
    },
  }
}

function parametersOf(place: 'path' | 'query', object: z.ZodObject | undefined, schemaOf: (schema: z.ZodType) => Json) {
  if (!object) return []
  const { properties, required } = schemaOf(object) as { properties: Record<string, Json>; required?: string[] }
  return Object.entries(properties).map(([name, { description, ...schema }]) => ({
    name,
    in: place,
    required: place === 'path' || (required?.includes(name) ?? false),
    ...(description !== undefined && { description }),
    schema,
    // `groupBy=model,key`
    ...(schema.type === 'array' && { style: 'form', explode: false }),
  }))
}

function contentOf(answer: Operation['answer'], schemaOf: (schema: z.ZodType) => Json): Json {
  if (answer === 'nothing') return {}
  if (answer === 'file') return { content: { 'text/csv': {}, 'application/x-ndjson': {} } }
  if (answer === 'completion') return { content: { 'application/json': {}, 'text/event-stream': {} } }
  return { content: { 'application/json': { schema: schemaOf(answer) } } }
}
