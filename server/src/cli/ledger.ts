import { columns, entriesOf, exported, verifyLedger } from '../ledger/audit.ts'
import { csvLine } from '../lib/csv.ts'
import { parseFlags, UsageError } from '../lib/flags.ts'
import { OperatorError } from '../lib/operator-error.ts'
import { openStorage } from '../storage/storage.ts'
import { type Command, loadStoreConfig, storeFlags } from './command.ts'

export const ledger: Command = {
  summary: 'Check the ledger for changes and gaps, and export it.',
  usage: `Usage: tidegate ledger verify
       tidegate ledger export [--tenant TENANT] [--format csv | jsonl]

  verify            reads every entry; ends with 1 if one was changed or is missing
  --tenant TENANT   only this tenant's entries (default: all)
  --format FORMAT   csv (default) or jsonl; amounts are decimals with six places
  --data DIR, --config FILE   as for tidegate serve`,

  async run([action, ...argv], terminal) {
    if (action !== 'verify' && action !== 'export')
      throw new UsageError(action === undefined ? 'verify or export?' : `There is no 'tidegate ledger ${action}'.`)
    const flags = { ...storeFlags, tenant: { type: 'string' }, format: { type: 'string' } } as const
    const { values } = parseFlags(argv, flags)
    const format = values.format ?? 'csv'
    if (format !== 'csv' && format !== 'jsonl') throw new UsageError(`--format is csv or jsonl, not '${format}'.`)
    const storage = await openStorage(loadStoreConfig(values, terminal))
    try {
      if (action === 'verify') {
        const { entries, tenants, problems } = await verifyLedger(storage)
        for (const problem of problems) terminal.tell(problem)
        if (problems.length > 0) throw new OperatorError(`The ledger is not whole: ${problems.length} problem(s).`)
        terminal.print(`The ledger is whole: ${entries} entries of ${tenants} tenant(s).`)
        return
      }
      if (format === 'csv') terminal.print(columns.join(','))
      for await (const one of entriesOf(storage, values.tenant)) {
        const row = exported(one)
        terminal.print(format === 'csv' ? csvLine(columns.map((name) => row[name])) : JSON.stringify(row))
      }
    } finally {
      await storage.close()
    }
  },
}
