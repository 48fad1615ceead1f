import { chmodSync, copyFileSync, existsSync, mkdirSync, readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { backup as backUp, DatabaseSync } from 'node:sqlite'
import { verifyLedger } from '../ledger/audit.ts'
import { parseFlags, UsageError } from '../lib/flags.ts'
import { OperatorError } from '../lib/operator-error.ts'
import { openStorage } from '../storage/storage.ts'
import { type Command, loadStoreConfig, storeFlags } from './command.ts'

export const backup: Command = {
  summary: 'Copy the data folder while the service runs.',
  usage: `Usage: tidegate backup FOLDER

  FOLDER            is made; it gets the database as it stands at one moment, and the server secret
  --data DIR, --config FILE   as for tidegate serve

To restore, start the service with --data FOLDER, or put the folder in the place of the old one while nothing runs.
Whoever has the folder can check API keys and read what is kept encrypted: guard it like the original.`,

  async run(argv, terminal) {
    const { values, positionals } = parseFlags(argv, storeFlags, 1)
    const [name] = positionals
    if (name === undefined) throw new UsageError('Where to? Give a folder that is not there yet.')
    const target = resolve(terminal.cwd, name)
    if (existsSync(target) && readdirSync(target).length > 0)
      throw new OperatorError(`${target} is not empty. Give a folder that is not there yet.`)
    const { data, databaseUrl, secretFile = join(data, 'secret') } = loadStoreConfig(values, terminal)
    if (databaseUrl !== undefined)
      throw new OperatorError(
        `The database is PostgreSQL: take it with pg_dump, and keep ${secretFile} with it. docs/operating.md says how.`,
      )
    if (!existsSync(join(data, 'tidegate.db'))) throw new OperatorError(`There is no database in ${data}.`)

    const storage = await openStorage({ data, secretFile })
    const reader = new DatabaseSync(join(data, 'tidegate.db'), { readOnly: true, timeout: 5_000 })
    try {
      mkdirSync(target, { recursive: true, mode: 0o700 })
      await backUp(reader, join(target, 'tidegate.db'))
    } finally {
      reader.close()
      await storage.close()
    }
    chmodSync(join(target, 'tidegate.db'), 0o600)
    copyFileSync(secretFile, join(target, 'secret'))
    chmodSync(join(target, 'secret'), 0o600)

    const copy = await openStorage({ data: target })
    try {
      const { entries, problems } = await verifyLedger(copy)
      if (problems.length > 0)
        throw new OperatorError(`The copy is there, but its ledger is not whole: ${problems[0]}.`)
      terminal.tell(`${target} has the database and the secret; its ledger is whole (${entries} entries).`)
    } finally {
      await copy.close()
    }
  },
}
