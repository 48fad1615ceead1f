import { parseFlags, UsageError } from '../lib/flags.ts'
import { nearest } from '../lib/nearest.ts'
import { OperatorError } from '../lib/operator-error.ts'
import { openStorage } from '../storage/storage.ts'
import type { HeartbeatForm, KeySettings } from '../tenancy/key.ts'
import { type KeyRecord, type Keys, openKeys } from '../tenancy/keys.ts'
import { type Command, loadStoreConfig, storeFlags, type Terminal } from './command.ts'
import { parseExpiry } from './expiry.ts'
import { table } from './table.ts'

export const keys: Command = {
  summary: 'Make, list and revoke API keys.',
  usage: `Usage: tidegate keys create --name NAME [OPTIONS]   prints the secret alone; it is shown this once
       tidegate keys list
       tidegate keys revoke ID

  --tenant TENANT       who owns the key; made if it is not there (default: default)
  --models A,B          the models it may use, by their ids (default: all)
  --concurrency N       how many of its requests may run at once (default: no limit)
  --user-concurrency N  the same for each of its end users, by user_id (default: no limit)
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

const actions: Record<string, Command['run']> = { create, list, revoke }

async function create(argv: readonly string[], terminal: Terminal) {
  const { values } = parseFlags(argv, {
    ...storeFlags,
    name: { type: 'string' },
    tenant: { type: 'string' },
    models: { type: 'string' },
    concurrency: { type: 'string' },
    'user-concurrency': { type: 'string' },
    heartbeat: { type: 'string' },
    expires: { type: 'string' },
  })
  const name = values.name?.trim()
  if (!name) throw new UsageError('A key needs a name: --name NAME says later what it is for.')
  const config = loadStoreConfig(values, terminal)
  const settings: KeySettings = {
    ...(values.models !== undefined && { models: modelIds(values.models) }),
    ...(values.concurrency !== undefined && { concurrency: wholeNumber(values.concurrency) }),
    ...(values['user-concurrency'] !== undefined && { userConcurrency: wholeNumber(values['user-concurrency']) }),
    ...(values.heartbeat !== undefined && { heartbeat: heartbeatForm(values.heartbeat) }),
  }
  const expiresAt = values.expires === undefined ? undefined : parseExpiry(values.expires, new Date())
  await withKeys(config.data, async (keys) => {
    const made = await keys.create({
      name,
      tenant: values.tenant ?? 'default',
      settings,
      ...(expiresAt && { expiresAt }),
    })
    terminal.print(made.secret)
    terminal.tell(
      `Key ${made.key.id} ('${name}', tenant ${made.key.tenant}) was made` +
        `${expiresAt ? `; it expires on ${expiresAt.toISOString()}` : ''}. Its secret is shown this once.`,
    )
  })
  const ids = config.models.map((model) => model.id)
  for (const id of settings.models ?? [])
    if (!ids.includes(id)) terminal.tell(`Note: no model '${id}' is configured here; there is ${ids.join(', ')}.`)
}

async function list(argv: readonly string[], terminal: Terminal) {
  const { values } = parseFlags(argv, storeFlags)
  await withKeys(loadStoreConfig(values, terminal).data, async (keys) => {
    const rows = (await keys.list()).map((key) => [
      key.id,
      key.name,
      key.tenant,
      key.display,
      day(key.createdAt),
      day(key.lastUsedAt),
      day(key.expiresAt),
      statusOf(key, new Date()),
    ])
    for (const line of table(['ID', 'NAME', 'TENANT', 'KEY', 'CREATED', 'LAST USED', 'EXPIRES', 'STATUS'], rows))
      terminal.print(line)
  })
}

async function revoke(argv: readonly string[], terminal: Terminal) {
  const { values, positionals } = parseFlags(argv, storeFlags, 1)
  const [id] = positionals
  if (id === undefined) throw new UsageError('Which key? tidegate keys list shows their ids.')
  await withKeys(loadStoreConfig(values, terminal).data, async (keys) => {
    const outcome = await keys.revoke(id)
    if (outcome === 'unknown') throw new OperatorError(`There is no key '${id}'. tidegate keys list shows their ids.`)
    terminal.tell(outcome === 'revoked' ? `Key ${id} is revoked.` : `Key ${id} was revoked before.`)
  })
}

async function withKeys(data: string, use: (keys: Keys) => Promise<void>) {
  const storage = await openStorage(data)
  try {
    await use(openKeys(storage))
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

function wholeNumber(text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value) || value < 1)
    throw new UsageError(`--concurrency must be a whole number from 1, not '${text}'.`)
  return value
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
