import { parseFlags, UsageError } from '../lib/flags.ts'
import { OperatorError } from '../lib/operator-error.ts'
import { openStorage, type Storage } from '../storage/storage.ts'
import { openProjects, type Project } from '../tenancy/projects.ts'
import { type Command, loadStoreConfig, storeFlags, type Terminal } from './command.ts'
import { limitFlags, limitsIn, limitUsage } from './limit-flags.ts'
import { table } from './table.ts'
import { requireTenant } from './tenants.ts'

export const projects: Command = {
  summary: 'Make, list, limit and archive the projects of a tenant: keys that are counted together.',
  usage: `Usage: tidegate projects create NAME [OPTIONS]    prints the id
       tidegate projects list
       tidegate projects limit PROJECT [OPTIONS]  limits for all of its keys together; 'none' takes one away
       tidegate projects rename PROJECT NAME
       tidegate projects archive PROJECT          its keys are refused, and no more are made
       tidegate projects restore PROJECT

  PROJECT               its name or its id
  --tenant TENANT       whose it is (default: default; of a list: all)
${limitUsage}
  --data DIR, --config FILE   as for tidegate serve`,

  async run([action, ...argv], terminal) {
    const flags = { ...storeFlags, ...limitFlags, tenant: { type: 'string' } } as const
    const { values, positionals } = parseFlags(argv, flags, 2)
    const run = action !== undefined && Object.hasOwn(actions, action) ? actions[action] : undefined
    if (!run)
      throw new UsageError(
        action === undefined
          ? `${Object.keys(actions).slice(0, -1).join(', ')} or restore?`
          : `There is no 'tidegate projects ${action}'.`,
      )
    const [word, name] = positionals
    const storage = await openStorage(loadStoreConfig(values, terminal))
    try {
      await run(storage, { word, name: name?.trim(), values, terminal })
    } finally {
      await storage.close()
    }
  },
}

interface Words {
  /** What stands first: a project, or the name of a new one. */
  readonly word: string | undefined
  readonly name: string | undefined
  readonly values: Parameters<typeof limitsIn>[0] & { readonly tenant?: string | undefined }
  readonly terminal: Terminal
}

const actions: Readonly<Record<string, (storage: Storage, words: Words) => Promise<void>>> = {
  async create(storage, { word, values, terminal }) {
    const name = word?.trim()
    if (!name) throw new UsageError('A project needs a name.')
    const { tenant = 'default' } = values
    await requireTenant(storage, tenant)
    const made = notTaken(await openProjects(storage).create({ tenant, name, limits: limitsIn(values) }), name)
    terminal.print(made.id)
    terminal.tell(
      `Project '${name}' of tenant ${tenant} was made. Keys of it: tidegate keys create --project ${made.id}`,
    )
  },

  async list(storage, { values, terminal }) {
    const rows = (await openProjects(storage).list({ tenant: values.tenant })).map((project) => [
      project.id,
      project.tenant,
      project.name,
      JSON.stringify(project.limits),
      project.archivedAt === null ? 'active' : 'archived',
    ])
    for (const line of table(['ID', 'TENANT', 'NAME', 'LIMITS', 'STATUS'], rows)) terminal.print(line)
  },

  async limit(storage, { word, values, terminal }) {
    const { id } = await found(storage, word, values.tenant)
    const limited = await openProjects(storage).change(id, undefined, { limits: (before) => limitsIn(values, before) })
    terminal.print(`${id}: ${JSON.stringify(notTaken(limited, '').limits)}`)
  },

  async rename(storage, { word, name, values, terminal }) {
    if (!name) throw new UsageError('Give a project and its new name.')
    const { id } = await found(storage, word, values.tenant)
    notTaken(await openProjects(storage).change(id, undefined, { name }), name)
    terminal.tell(`Project ${id} is called '${name}'.`)
  },

  archive: (storage, words) => archive(storage, words, true),
  restore: (storage, words) => archive(storage, words, false),
}

async function archive(storage: Storage, { word, values, terminal }: Words, archived: boolean): Promise<void> {
  const { id, name } = await found(storage, word, values.tenant)
  await openProjects(storage).change(id, undefined, { archived })
  terminal.tell(`Project ${id} ('${name}') is ${archived ? 'archived: its keys are refused' : 'restored'}.`)
}

/**
 * @param tenant whose name it may be; absent: the one called `default`, or of any tenant by its id
 * @throws UsageError, OperatorError
 */
export async function found(storage: Storage, word: string | undefined, tenant: string | undefined): Promise<Project> {
  if (word === undefined) throw new UsageError('Which project? tidegate projects list shows them.')
  const { find } = openProjects(storage)
  const project =
    (await find(word, tenant ?? 'default')) ?? (tenant === undefined ? await find(word, undefined) : undefined)
  if (project) return project
  throw new OperatorError(
    `The tenant '${tenant ?? 'default'}' has no project '${word}'. tidegate projects list shows them; --tenant says whose.`,
  )
}

/** @throws OperatorError */
function notTaken(made: Project | 'taken' | undefined, name: string): Project {
  if (made === 'taken')
    throw new OperatorError(`There is a project '${name}' already. tidegate projects list shows them.`)
  if (!made) throw new OperatorError('The project is not there any more.')
  return made
}
