import {
  type InputHTMLAttributes,
  type ReactNode,
  type SelectHTMLAttributes,
  type TextareaHTMLAttributes,
  useId,
} from 'react'
import { cx } from './classes.ts'

const control =
  'rounded-md border border-edge bg-surface text-ink transition-colors hover:border-muted disabled:opacity-60 aria-invalid:border-bad'

interface FieldProps {
  readonly label: string
  readonly hint?: string | undefined
  /** What the server says is wrong with it. */
  readonly error?: string | undefined
  readonly mark?: string | undefined
  readonly className?: string | undefined
}

interface Told {
  readonly id: string
  readonly 'aria-describedby': string | undefined
  readonly 'aria-invalid': true | undefined
}

function Labelled({
  label,
  hint,
  error,
  mark,
  className,
  children,
}: FieldProps & { children: (told: Told) => ReactNode }) {
  const id = useId()
  const described = error ?? hint
  return (
    <div className={cx('flex min-w-0 flex-col gap-1', className)}>
      <label htmlFor={id} className="text-sm font-medium text-muted">
        {label}
        {mark && <span className="ml-1.5 font-normal text-faint">{mark}</span>}
      </label>
      {children({
        id,
        'aria-describedby': described ? `${id}-hint` : undefined,
        'aria-invalid': error ? true : undefined,
      })}
      {described && (
        <p id={`${id}-hint`} className={cx('text-sm', error ? 'text-bad' : 'text-faint')}>
          {described}
        </p>
      )}
    </div>
  )
}

export function TextField({
  label,
  hint,
  error,
  mark,
  className,
  ...input
}: FieldProps & InputHTMLAttributes<HTMLInputElement>) {
  return (
    <Labelled {...{ label, hint, error, mark, className }}>
      {(told) => (
        <input type="text" autoComplete="off" {...input} {...told} className={cx(control, 'h-8 w-full px-2.5')} />
      )}
    </Labelled>
  )
}

export function TextAreaField({
  label,
  hint,
  error,
  mark,
  className,
  mono,
  ...input
}: FieldProps & TextareaHTMLAttributes<HTMLTextAreaElement> & { mono?: boolean }) {
  return (
    <Labelled {...{ label, hint, error, mark, className }}>
      {(told) => (
        <textarea
          rows={3}
          spellCheck={!mono}
          {...input}
          {...told}
          className={cx(control, 'w-full resize-y px-2.5 py-1.5', mono && 'font-mono text-sm')}
        />
      )}
    </Labelled>
  )
}

interface Option<V extends string> {
  readonly value: V
  readonly label: string
}

type SelectProps<V extends string> = Omit<SelectHTMLAttributes<HTMLSelectElement>, 'value' | 'onChange'> & {
  readonly value: V
  readonly options: readonly Option<V>[]
  readonly onChange: (value: V) => void
}

/** The browser's own: it opens as people know it on every device. */
export function SelectField<V extends string>({
  label,
  hint,
  error,
  mark,
  className,
  options,
  onChange,
  ...select
}: FieldProps & SelectProps<V>) {
  return (
    <Labelled {...{ label, hint, error, mark, className }}>
      {(told) => (
        <select
          {...select}
          {...told}
          onChange={(event) => onChange(event.target.value as V)}
          className={cx(control, 'h-8 w-full px-2')}
        >
          <Options options={options} />
        </select>
      )}
    </Labelled>
  )
}

/** The same in a row of filters: its label is for screen readers. */
export function Select<V extends string>({
  label,
  options,
  onChange,
  className,
  ...select
}: SelectProps<V> & { label: string }) {
  return (
    <select
      {...select}
      aria-label={label}
      onChange={(event) => onChange(event.target.value as V)}
      className={cx(control, 'h-8 max-w-full px-2', className)}
    >
      <Options options={options} />
    </select>
  )
}

const Options = ({ options }: { readonly options: readonly Option<string>[] }) =>
  options.map(({ value, label }) => (
    <option key={value} value={value}>
      {label}
    </option>
  ))

export function Search({ label, className, ...input }: InputHTMLAttributes<HTMLInputElement> & { label: string }) {
  return (
    <input
      type="search"
      data-filter=""
      {...input}
      aria-label={label}
      placeholder={label}
      className={cx(control, 'h-8 w-full px-2.5 sm:w-60', className)}
    />
  )
}

interface SwitchProps {
  readonly label: string
  readonly hint?: string
  readonly checked: boolean
  readonly onChange: (checked: boolean) => void
}

export function Switch({ label, hint, checked, onChange }: SwitchProps) {
  const id = useId()
  return (
    <div className="flex items-start justify-between gap-4">
      <div>
        <label htmlFor={id} className="font-medium">
          {label}
        </label>
        {hint && (
          <p id={`${id}-hint`} className="text-sm text-faint">
            {hint}
          </p>
        )}
      </div>
      <input
        id={id}
        type="checkbox"
        role="switch"
        aria-checked={checked}
        aria-describedby={hint ? `${id}-hint` : undefined}
        checked={checked}
        onChange={(event) => onChange(event.target.checked)}
        className={cx(
          'relative mt-0.5 h-5 w-9 shrink-0 cursor-pointer appearance-none rounded-full border border-edge bg-sunken transition-colors',
          'before:absolute before:top-0.5 before:left-0.5 before:size-3.5 before:rounded-full before:bg-edge before:transition-transform',
          'checked:border-accent checked:bg-accent checked:before:translate-x-4 checked:before:bg-on-accent',
        )}
      />
    </div>
  )
}

export function Checkbox({ label, ...input }: InputHTMLAttributes<HTMLInputElement> & { label: string }) {
  return (
    <label className="flex items-center gap-2">
      <input type="checkbox" {...input} className="size-4 accent-accent" />
      <span className="min-w-0 truncate">{label}</span>
    </label>
  )
}
