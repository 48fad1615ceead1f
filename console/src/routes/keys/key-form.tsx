import { useQuery } from '@tanstack/react-query'
import type { ApiKey, BodyOf } from '../../../../server/src/http/admin/contract.ts'
import { Checkbox, SelectField, TextField } from '../../components/field.tsx'
import { LimitFields } from '../../components/limit-fields.tsx'
import { ApiError } from '../../lib/api.ts'
import { formOf, type LimitsForm, limitsOf } from '../../lib/limits.ts'
import { useCurrency } from '../../lib/overview.ts'
import { asking } from '../../lib/query.ts'
import { dayMs } from '../../lib/time.ts'
import { useMessages } from '../../messages/messages.ts'

type Expiry = 'never' | 'd7' | 'd30' | 'd90' | 'd365' | 'date'

export interface KeyForm {
  readonly name: string
  /** Null: all. */
  readonly models: readonly string[] | null
  readonly expiry: Expiry
  /** `2026-11-29`, for `date`. */
  readonly date: string
  readonly heartbeat: ApiKey['heartbeat']
  readonly limits: LimitsForm
}

export const newKey: KeyForm = {
  name: '',
  models: null,
  expiry: 'never',
  date: '',
  heartbeat: 'comment',
  limits: formOf({}),
}

export const formOfKey = (key: ApiKey): KeyForm => ({
  name: key.name,
  models: key.models,
  expiry: key.expiresAt ? 'date' : 'never',
  date: key.expiresAt?.slice(0, 10) ?? '',
  heartbeat: key.heartbeat,
  limits: formOf(key.limits),
})

const expiries = ['never', 'd7', 'd30', 'd90', 'd365', 'date'] as const

export function settingsOf(form: KeyForm, before?: ApiKey): Omit<BodyOf<'POST /admin/keys'>, 'tenant'> {
  const expiresAt = expiryOf(form)
  return {
    name: form.name.trim(),
    models: form.models && [...form.models],
    heartbeat: form.heartbeat,
    limits: limitsOf(form.limits),
    // A day that was not touched keeps its hour.
    expiresAt: before?.expiresAt?.slice(0, 10) === form.date && form.expiry === 'date' ? before.expiresAt : expiresAt,
  }
}

function expiryOf({ expiry, date }: KeyForm): string | null {
  if (expiry === 'never' || (expiry === 'date' && date === '')) return null
  // The last day counts whole.
  if (expiry === 'date') return new Date(Date.parse(`${date}T00:00:00`) + dayMs - 1).toISOString()
  return new Date(Date.now() + Number(expiry.slice(1)) * dayMs).toISOString()
}

interface Props {
  readonly form: KeyForm
  readonly onChange: (form: KeyForm) => void
  readonly error: Error | null
}

export function KeyFields({ form, onChange, error }: Props) {
  const t = useMessages()
  const currency = useCurrency()
  const models = useQuery(asking('GET /admin/models', {})).data?.items ?? []
  const wrong = (param: string) => (error instanceof ApiError && error.param === param ? error.message : undefined)
  const set = (change: Partial<KeyForm>) => onChange({ ...form, ...change })
  const chosen = form.models ?? []
  return (
    <>
      <TextField
        label={t.common.name}
        hint={t.keys.nameHint}
        error={wrong('name')}
        data-first=""
        value={form.name}
        required
        maxLength={128}
        onChange={(event) => set({ name: event.target.value })}
      />
      <div className="grid gap-3 sm:grid-cols-2">
        <SelectField
          label={t.keys.expiry}
          value={form.expiry}
          options={expiries.map((value) => ({ value, label: t.keys.expiries[value] }))}
          error={wrong('expiresAt')}
          onChange={(expiry) => set({ expiry })}
        />
        {form.expiry === 'date' && (
          <TextField
            label={t.keys.expiryDate}
            type="date"
            required
            value={form.date}
            onChange={(event) => set({ date: event.target.value })}
          />
        )}
      </div>
      <fieldset className="flex flex-col gap-2">
        <legend className="mb-1 text-sm font-medium text-muted">{t.keys.scope}</legend>
        <Checkbox
          label={t.keys.scopeAll}
          checked={form.models === null}
          onChange={(event) => set({ models: event.target.checked ? null : models.map(({ id }) => id) })}
        />
        {form.models !== null && (
          <div className="ml-6 flex flex-col gap-1.5">
            {[...new Set([...models.map(({ id }) => id), ...chosen])].map((id) => (
              <Checkbox
                key={id}
                label={id}
                checked={chosen.includes(id)}
                onChange={(event) =>
                  set({ models: event.target.checked ? [...chosen, id] : chosen.filter((one) => one !== id) })
                }
              />
            ))}
            {wrong('models') && <p className="text-sm text-bad">{wrong('models')}</p>}
          </div>
        )}
      </fieldset>
      <details
        open={Object.values(form.limits).some((limit) => limit !== '')}
        className="group rounded-md border border-line"
      >
        <summary className="rounded-md px-3 py-2 font-medium select-none">
          {t.keys.limits} <span className="font-normal text-faint">{t.keys.limitsHint}</span>
        </summary>
        <div className="flex flex-col gap-3 px-3 pt-1 pb-3">
          <LimitFields form={form.limits} currency={currency} error={error} onChange={(limits) => set({ limits })} />
          <SelectField
            label={t.keys.heartbeat}
            hint={t.keys.heartbeatHint}
            value={form.heartbeat}
            options={(['comment', 'line', 'chunk', 'off'] as const).map((value) => ({
              value,
              label: t.keys.heartbeats[value],
            }))}
            onChange={(heartbeat) => set({ heartbeat })}
          />
        </div>
      </details>
    </>
  )
}
