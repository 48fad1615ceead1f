import { chmodSync, constants, copyFileSync, existsSync, mkdirSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { isServed } from '../ledger/liveness.ts'
import { parseFlags, UsageError } from '../lib/flags.ts'
import { OperatorError } from '../lib/operator-error.ts'
import { fingerprintOf, openSecret } from '../storage/secret.ts'
import { type Filling, fillPostgres, fillSqlite } from '../storage/transfer/fill.ts'
import { openSqliteSource, type Source } from '../storage/transfer/source.ts'
import { type Command, loadStoreConfig, storeFlags } from './command.ts'
import { showRows } from './progress.ts'
import { wholeLedger } from './whole-ledger.ts'

export const restore: Command = {
  summary: 'Fill an empty database, SQLite or PostgreSQL, from a backup.',
  usage: `Usage: tidegate restore FOLDER

  FOLDER            what tidegate backup has made, or a data folder that nothing runs on; it stays as it is
  --data DIR, --config FILE   as for tidegate serve: where the rows go. With TIDEGATE_DATABASE_URL into PostgreSQL, which must
                    be empty (createdb NAME), else into tidegate.db in the data folder, where none may be

The secret goes with the database: the one in FOLDER is copied to where the service looks for it, unless it is there
already. Either all is there in the end, with a ledger that was verified, or nothing is.
From SQLite to PostgreSQL: stop the service, restore its data folder, start with TIDEGATE_DATABASE_URL.
Back again: stop the gateways, tidegate backup FOLDER, start with --data FOLDER.`,

  async run(argv, terminal) {
    const { values, positionals } = parseFlags(argv, storeFlags, 1)
    const [name] = positionals
    if (name === undefined) throw new UsageError('Where from? Give a folder that tidegate backup has made.')
    const from = resolve(terminal.cwd, name)
    const { data, databaseUrl, secretFile = join(data, 'secret') } = loadStoreConfig(values, terminal)

    const source = await openSqliteSource(from)
    try {
      if (isServed(from))
        throw new OperatorError(
          `A service runs on ${from}, and what it charges from now on would be missing. Stop it first, or restore a backup.`,
        )
      const takeSecret = await secretFor(source, join(from, 'secret'), secretFile)
      let entries = 0
      const filling: Filling = {
        source,
        async check(read) {
          entries = await wholeLedger(read)
          takeSecret()
        },
        onProgress: showRows(terminal, 'restored'),
      }
      await (databaseUrl === undefined ? fillSqlite(data, filling) : fillPostgres(databaseUrl, filling))
      const where = databaseUrl === undefined ? data : 'The database of TIDEGATE_DATABASE_URL'
      terminal.tell(
        `${where} has all of ${from}; its ledger is whole (${entries} entries). Its secret is ${secretFile}: every gateway needs it.`,
      )
    } finally {
      await source.close()
    }
  },
}

/**
 * @returns puts the secret where the service looks for it, if it is not there
 * @throws OperatorError where the one that belongs to the database is neither there nor in the backup: without it no API key could be checked
 */
async function secretFor(source: Source, inBackup: string, secretFile: string): Promise<() => void> {
  let fingerprint: unknown
  for await (const rows of source.rows('meta'))
    fingerprint ??= rows.find(({ key }) => key === 'secret-fingerprint')?.value
  const fits = (path: string) => fingerprint === undefined || fingerprintOf(openSecret(path)) === fingerprint
  if (existsSync(secretFile)) {
    if (fits(secretFile)) return () => undefined
    throw new OperatorError(
      `The secret in ${secretFile} is not the one of this database: no API key in it could be checked. Move it away, and ` +
        'the one of the backup takes its place.',
    )
  }
  if (!existsSync(inBackup) || !fits(inBackup))
    throw new OperatorError(
      `The secret of this database is neither ${inBackup} nor ${secretFile}: no API key in it could be checked. Put it there first.`,
    )
  return () => {
    mkdirSync(dirname(secretFile), { recursive: true, mode: 0o700 })
    copyFileSync(inBackup, secretFile, constants.COPYFILE_EXCL)
    chmodSync(secretFile, 0o600)
  }
}
