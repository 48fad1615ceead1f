import { requestLineOf } from '../http/admin/answers/requests.ts'
import { openAccounts } from '../ledger/accounts.ts'
import { parseFlags, UsageError } from '../lib/flags.ts'
import { listRequests } from '../request-log/requests.ts'
import { openStorage } from '../storage/storage.ts'
import { type Command, loadStoreConfig, storeFlags } from './command.ts'
import { table } from './table.ts'
import { timeIn } from './times.ts'

const flags = {
  tenant: { type: 'string' },
  key: { type: 'string' },
  user: { type: 'string' },
  model: { type: 'string' },
  engine: { type: 'string' },
  outcome: { type: 'string' },
  failed: { type: 'boolean' },
  'slower-than': { type: 'string' },
  from: { type: 'string' },
  to: { type: 'string' },
  limit: { type: 'string' },
  json: { type: 'boolean' },
} as const

const limitMax = 10_000

export const requests: Command = {
  summary: 'List the requests of the log, the newest first.',
  usage: `Usage: tidegate requests [OPTIONS]

  --tenant, --key, --user, --model, --engine, --outcome   only those of this tenant, key (its id), user_id, …
  --failed            only those that failed
  --slower-than MS    only those that took longer, in milliseconds
  --from, --to WHEN   a day, a time, or how long ago: 2026-11-29, 2026-11-29T12:00:00Z, 12h, 7d
  --limit N           so many at most (default: 50, at most ${limitMax})
  --json              a line of JSON for each, as GET /admin/requests has it
  --data DIR, --config FILE   as for tidegate serve`,

  async run(argv, terminal) {
    const { values } = parseFlags(argv, { ...storeFlags, ...flags })
    const now = Date.now()
    const { tenant, key, user, model, engine, outcome, failed } = values
    const question = {
      ...{ tenant, key, user, model, engine, outcome, failed },
      slowerThanMs: wholeIn('--slower-than', values['slower-than'], 0),
      from: values.from === undefined ? undefined : timeIn('--from', values.from, now),
      to: values.to === undefined ? undefined : timeIn('--to', values.to, now),
      limit: wholeIn('--limit', values.limit, 1) ?? 50,
    }
    if (question.limit > limitMax) throw new UsageError(`--limit is at most ${limitMax}.`)
    const storage = await openStorage(loadStoreConfig(values, terminal))
    try {
      const { currency } = await openAccounts(storage).balanceOf('default')
      const lines = (await listRequests(storage.read, question)).map((one) => requestLineOf(one, currency))
      if (values.json) for (const line of lines) terminal.print(JSON.stringify(line))
      else for (const line of table(head, lines.map(rowOf))) terminal.print(line)
    } finally {
      await storage.close()
    }
  },
}

const head = ['CAME', 'ID', 'TENANT', 'KEY', 'MODEL', 'STATUS', 'OUTCOME', 'INPUT', 'OUTPUT', 'MS', 'COST']

const rowOf = (line: ReturnType<typeof requestLineOf>): string[] => [
  line.at.slice(0, 19).replace('T', ' '),
  line.id,
  line.tenant,
  line.key.name || line.key.id,
  line.model,
  `${line.status}`,
  line.outcome,
  `${line.tokens.input}`,
  `${line.tokens.output}`,
  `${line.durationMs}`,
  line.cost,
]

function wholeIn(flag: string, text: string | undefined, min: number): number | undefined {
  if (text === undefined) return undefined
  if (!/^\d{1,9}$/.test(text) || Number(text) < min)
    throw new UsageError(`${flag} must be a whole number from ${min}, not '${text}'.`)
  return Number(text)
}
