import { ApiError } from '../lib/api.ts'
import { fieldOf, type LimitsForm } from '../lib/limits.ts'
import { useMessages } from '../messages/messages.ts'
import { TextField } from './field.tsx'

interface Props {
  readonly form: LimitsForm
  readonly onChange: (form: LimitsForm) => void
  readonly currency: string
  readonly error: Error | null
  /** All keys of a tenant together have no limit for each end user. */
  readonly ofTenant?: boolean
}

const names = [
  'requestsPerMinute',
  'tokensPerMinute',
  'concurrency',
  'userConcurrency',
  'budgetDay',
  'budgetMonth',
  'budgetTotal',
] as const

export function LimitFields({ form, onChange, currency, error, ofTenant }: Props) {
  const t = useMessages()
  const wrong = error instanceof ApiError ? fieldOf(error.param) : undefined
  return (
    <div className="grid gap-3 sm:grid-cols-2">
      {names
        .filter((name) => !ofTenant || name !== 'userConcurrency')
        .map((name) => (
          <TextField
            key={name}
            label={t.keys.limit[name]}
            mark={name.startsWith('budget') ? currency : undefined}
            inputMode={name.startsWith('budget') ? 'decimal' : 'numeric'}
            placeholder={t.common.unlimited}
            value={form[name]}
            error={name === wrong ? error?.message : undefined}
            onChange={(event) => onChange({ ...form, [name]: event.target.value })}
          />
        ))}
    </div>
  )
}
