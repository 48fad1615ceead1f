import { usageRowsOf } from '../http/admin/answers/usage.ts'
import { openAccounts } from '../ledger/accounts.ts'
import { parseFlags, UsageError } from '../lib/flags.ts'
import { type Step, type UsageDimension, usageDimensions, usageTable } from '../request-log/usage.ts'
import { openStorage } from '../storage/storage.ts'
import { type Command, loadStoreConfig, storeFlags } from './command.ts'
import { table } from './table.ts'
import { timeIn } from './times.ts'

const flags = {
  tenant: { type: 'string' },
  key: { type: 'string' },
  user: { type: 'string' },
  model: { type: 'string' },
  by: { type: 'string' },
  step: { type: 'string' },
  from: { type: 'string' },
  to: { type: 'string' },
  json: { type: 'boolean' },
} as const

const steps: readonly Step[] = ['hour', 'day', 'month', 'all']

export const usage: Command = {
  summary: 'Show what was used, by day or another step, and by tenant, model, key or user.',
  usage: `Usage: tidegate usage [OPTIONS]

  --by LIST           what is told apart: ${usageDimensions.join(', ')}, several with commas
  --step STEP         ${steps.join(', ')} (default: day; UTC; all: one line for the whole time)
  --from, --to WHEN   a day, a time, or how long ago: 2026-11-01, 2026-11-29T12:00:00Z, 12h, 7d (default: the last 30 days)
  --tenant, --key, --user, --model   only what this tenant, key (its id), … used
  --json              a line of JSON for each, as GET /admin/usage/export has it
  --data DIR, --config FILE   as for tidegate serve

What was refused and what failed is counted too. What is owed says the ledger: tidegate tenants list, tidegate ledger export.`,

  async run(argv, terminal) {
    const { values } = parseFlags(argv, { ...storeFlags, ...flags })
    const now = Date.now()
    const { tenant, key, user, model } = values
    const to = values.to === undefined ? now : timeIn('--to', values.to, now)
    const from = timeIn('--from', values.from ?? '30d', now)
    if (from >= to) throw new UsageError('--from must be before --to.')
    const by = dimensionsIn(values.by)
    const step = steps.find((one) => one === (values.step ?? 'day'))
    if (!step) throw new UsageError(`--step is ${steps.join(', ')}, not '${values.step}'.`)
    const storage = await openStorage(loadStoreConfig(values, terminal))
    try {
      const { currency } = await openAccounts(storage).balanceOf('default')
      const lines = await usageTable(storage.read, { tenant, key, user, model, from, to }, step, by)
      const rows = usageRowsOf(lines, currency)
      if (values.json) for (const row of rows) terminal.print(JSON.stringify(row))
      else
        for (const line of table(
          [...columns, ...by].map((name) => name.toUpperCase()),
          rows.map((row) => [...columns, ...by].map((name) => shown(name, row[name]))),
        ))
          terminal.print(line)
    } finally {
      await storage.close()
    }
  },
}

const columns = ['time', 'requests', 'errors', 'input', 'cached_input', 'output', 'cost', 'first_token_p50_ms'] as const

const shown = (name: string, value: string | number | null | undefined): string =>
  value === null || value === undefined ? '-' : name === 'time' ? `${value}`.slice(0, 16).replace('T', ' ') : `${value}`

function dimensionsIn(text: string | undefined): readonly UsageDimension[] {
  if (text === undefined) return []
  const names = text.split(',').map((name) => name.trim())
  return names.map((name, i) => {
    const known = usageDimensions.find((one) => one === name)
    if (known && names.indexOf(name) === i) return known
    throw new UsageError(`--by is one or more of ${usageDimensions.join(', ')}, each once, not '${text}'.`)
  })
}
