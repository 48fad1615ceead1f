import type { UseLimits } from '../completion/use-limits.ts'
import { parseFlags, UsageError } from '../lib/flags.ts'
import { nearest } from '../lib/nearest.ts'
import { OperatorError } from '../lib/operator-error.ts'
import { openStorage, type Place, type Storage } from '../storage/storage.ts'
import type { HeartbeatForm, KeySettings } from '../tenancy/key.ts'
import { type KeyRecord, type Keys, openKeys } from '../tenancy/keys.ts'
import { type Command, loadStoreConfig, storeFlags, type Terminal } from './command.ts'
import { parseExpiry } from './expiry.ts'
import { count, limitFlags, limitsIn, limitUsage } from './limit-flags.ts'
import { found as foundProject } from './projects.ts'
import { table } from './table.ts'

export const keys: Command = {
  summary: 'Make, list and revoke API keys.',
  usage: `Usage: tidegate keys create --name NAME [OPTIONS]   prints the secret alone; it is shown this once
       tidegate keys list
       tidegate keys limit ID [OPTIONS]                 changes limits; 'none' takes one away
       tidegate keys revoke ID

  --tenant TENANT       who owns the key; made if it is not there (default: default)
  --project PROJECT     one of the tenant's projects, by its name or id, for ever (default: none)
  --models A,B          the models it may use, by their ids (default: all)
${limitUsage}
  --user-concurrency N    requests at once for each of its end users, by user_id
  --heartbeat FORM      comment, line, chunk or off (default: comment)
  --expires WHEN        a date, or a time from now such as 30d or 12h (default: never)
  --data DIR, --config FILE   as for tidegate serve`,

  async run([action, ...argv], terminal) {
    const run = action !== undefined && Object.hasOwn(actions, action) ? actions[action] : undefined
    if (run) return run(argv, terminal)
    const meant = action === undefined ? undefined : nearest(action, Object.keys(actions))
    throw new UsageError(
      action === undefined
        ? 'create, list or revoke?'
        : `There is no 'tidegate keys ${action}'.${meant ? ` Did you mean '${meant}'?` : ''}`,
    )
  },
}

const actions: Record<string, Command['run']> = { create, list, limit, revoke }

async function create(argv: readonly string[], terminal: Terminal) {
  const { values } = parseFlags(argv, {
    ...storeFlags,
    name: { type: 'string' },
    tenant: { type: 'string' },
    project: { type: 'string' },
    models: { type: 'string' },
    ...keyLimitFlags,
    heartbeat: { type: 'string' },
    expires: { type: 'string' },
  })
  const name = values.name?.trim()
  if (!name) throw new UsageError('A key needs a name: --name NAME says later what it is for.')
  const config = loadStoreConfig(values, terminal)
  const settings: KeySettings = {
    ...(values.models !== undefined && { models: modelIds(values.models) }),
    ...keyLimits(values),
    ...(values.heartbeat !== undefined && { heartbeat: heartbeatForm(values.heartbeat) }),
  }
  const expiresAt = values.expires === undefined ? undefined : parseExpiry(values.expires, new Date())
  await withKeys(config, async (keys, storage) => {
    const project =
      values.project === undefined ? undefined : await foundProject(storage, values.project, values.tenant)
    const tenant = project?.tenant ?? values.tenant ?? 'default'
    const made = await keys.create({
      name,
      tenant,
      ...(project && { project: project.id }),
      settings,
      ...(expiresAt && { expiresAt }),
    })
    terminal.print(made.secret)
    terminal.tell(
      `Key ${made.key.id} ('${name}', tenant ${tenant}${project ? `, project ${project.name}` : ''}) was made` +
        `${expiresAt ? `; it expires on ${expiresAt.toISOString()}` : ''}. Its secret is shown this once.`,
    )
  })
  const ids = config.models.map((model) => model.id)
  for (const id of settings.models ?? [])
    if (!ids.includes(id)) terminal.tell(`Note: no model '${id}' is configured here; there is ${ids.join(', ')}.`)
}

const keyLimitFlags = { ...limitFlags, 'user-concurrency': { type: 'string' } } as const

function keyLimits(
  values: Parameters<typeof limitsIn>[0] & { readonly 'user-concurrency'?: string | undefined },
  before: UseLimits = {},
): UseLimits {
  const asked = count('user-concurrency', values['user-concurrency']) ?? before.userConcurrency
  return { ...limitsIn(values, before), ...(typeof asked === 'number' && { userConcurrency: asked }) }
}

async function limit(argv: readonly string[], terminal: Terminal) {
  const { values, positionals } = parseFlags(argv, { ...storeFlags, ...keyLimitFlags }, 1)
  const [id] = positionals
  if (id === undefined) throw new UsageError('Which key? tidegate keys list shows their ids.')
  await withKeys(loadStoreConfig(values, terminal), async (keys) => {
    const changed = await keys.limit(id, (before) => keyLimits(values, before))
    if (!changed) throw new OperatorError(`There is no key '${id}'. tidegate keys list shows them.`)
    terminal.print(`${id}: ${JSON.stringify(changed)}`)
  })
}

async function list(argv: readonly string[], terminal: Terminal) {
  const { values } = parseFlags(argv, storeFlags)
  await withKeys(loadStoreConfig(values, terminal), async (keys) => {
    const rows = (await keys.list()).map((key) => [
      key.id,
      key.name,
      key.tenant,
      key.project?.name ?? '-',
      key.display,
      day(key.createdAt),
      day(key.lastUsedAt),
      day(key.expiresAt),
      statusOf(key, new Date()),
    ])
    for (const line of table(
      ['ID', 'NAME', 'TENANT', 'PROJECT', 'KEY', 'CREATED', 'LAST USED', 'EXPIRES', 'STATUS'],
      rows,
    ))
      terminal.print(line)
  })
}

async function revoke(argv: readonly string[], terminal: Terminal) {
  const { values, positionals } = parseFlags(argv, storeFlags, 1)
  const [id] = positionals
  if (id === undefined) throw new UsageError('Which key? tidegate keys list shows their ids.')
  await withKeys(loadStoreConfig(values, terminal), async (keys) => {
    const outcome = await keys.revoke(id)
    if (outcome === 'unknown') throw new OperatorError(`There is no key '${id}'. tidegate keys list shows their ids.`)
    terminal.tell(outcome === 'revoked' ? `Key ${id} is revoked.` : `Key ${id} was revoked before.`)
  })
}

async function withKeys(place: Place, use: (keys: Keys, storage: Storage) => Promise<void>) {
  const storage = await openStorage(place)
  try {
    await use(openKeys(storage), storage)
  } finally {
    await storage.close()
  }
}

function modelIds(text: string): string[] {
  const ids = text
    .split(',')
    .map((id) => id.trim())
    .filter((id) => id !== '')
  if (ids.length === 0) throw new UsageError('--models needs at least one model id.')
  return ids
}

const heartbeatForms: readonly HeartbeatForm[] = ['comment', 'line', 'chunk', 'off']

function heartbeatForm(text: string): HeartbeatForm {
  const form = heartbeatForms.find((known) => known === text)
  if (!form) throw new UsageError(`--heartbeat must be one of ${heartbeatForms.join(', ')}, not '${text}'.`)
  return form
}

function statusOf(key: KeyRecord, now: Date): string {
  if (key.revokedAt) return 'revoked'
  return key.expiresAt && key.expiresAt <= now ? 'expired' : 'active'
}

const day = (date: Date | undefined): string => date?.toISOString().slice(0, 16).replace('T', ' ') ?? '-'
