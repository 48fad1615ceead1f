import { chmodSync, copyFileSync, existsSync, mkdirSync, readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { backup as backUp, DatabaseSync } from 'node:sqlite'
import { parseFlags, UsageError } from '../lib/flags.ts'
import { OperatorError } from '../lib/operator-error.ts'
import { openStorage } from '../storage/storage.ts'
import { fillSqlite } from '../storage/transfer/fill.ts'
import { openPostgresSource } from '../storage/transfer/source.ts'
import { type Command, loadStoreConfig, storeFlags, type Terminal } from './command.ts'
import { showRows } from './progress.ts'
import { wholeLedger } from './whole-ledger.ts'

export const backup: Command = {
  summary: 'Copy the database and the secret while the service runs.',
  usage: `Usage: tidegate backup FOLDER

  FOLDER            is made; it gets the database as it stands at one moment, and the server secret. It is a data folder with
                    SQLite, whether the service keeps its data in SQLite or in PostgreSQL
  --data DIR, --config FILE   as for tidegate serve

To restore, fill an empty database with tidegate restore FOLDER; or start the service with --data FOLDER.
Whoever has the folder can check API keys and read what is kept encrypted: guard it like the original.`,

  async run(argv, terminal) {
    const { values, positionals } = parseFlags(argv, storeFlags, 1)
    const [name] = positionals
    if (name === undefined) throw new UsageError('Where to? Give a folder that is not there yet.')
    const target = resolve(terminal.cwd, name)
    if (existsSync(target) && readdirSync(target).length > 0)
      throw new OperatorError(`${target} is not empty. Give a folder that is not there yet.`)
    const { data, databaseUrl, secretFile = join(data, 'secret') } = loadStoreConfig(values, terminal)
    if (databaseUrl === undefined && !existsSync(join(data, 'tidegate.db')))
      throw new OperatorError(`There is no database in ${data}.`)

    const storage = await openStorage({ data, secretFile, ...(databaseUrl !== undefined && { databaseUrl }) })
    try {
      mkdirSync(target, { recursive: true, mode: 0o700 })
      if (databaseUrl === undefined) await copyFile(data, target)
      else await copyRows(databaseUrl, target, terminal)
    } finally {
      await storage.close()
    }
    copyFileSync(secretFile, join(target, 'secret'))
    chmodSync(join(target, 'secret'), 0o600)

    const copy = await openStorage({ data: target })
    try {
      const entries = await wholeLedger(copy.read)
      terminal.tell(`${target} has the database and the secret; its ledger is whole (${entries} entries).`)
    } finally {
      await copy.close()
    }
  },
}

async function copyFile(data: string, target: string): Promise<void> {
  const reader = new DatabaseSync(join(data, 'tidegate.db'), { readOnly: true, timeout: 5_000 })
  try {
    await backUp(reader, join(target, 'tidegate.db'))
  } finally {
    reader.close()
  }
  chmodSync(join(target, 'tidegate.db'), 0o600)
}

async function copyRows(databaseUrl: string, target: string, terminal: Terminal): Promise<void> {
  const source = await openPostgresSource(databaseUrl)
  try {
    // The copy is looked at below, as it is when a file was copied.
    await fillSqlite(target, { source, check: async () => undefined, onProgress: showRows(terminal, 'copied') })
  } finally {
    await source.close()
  }
}
