import type { ReactNode } from 'react'
import { Button } from '../../components/button.tsx'
import { SelectField, Switch, TextAreaField, TextField } from '../../components/field.tsx'
import { TenantField } from '../../components/tenant-field.tsx'
import { type AskSettings, exampleSchema, exampleTools, toolNames, unreadable } from '../../lib/ask.ts'
import { prefer, usePreference } from '../../lib/preferences.ts'
import { useIsAdministrator } from '../../lib/session.ts'
import { useMessages } from '../../messages/messages.ts'
import type { Conversation } from './conversation.ts'

/** Every field of the request that can be set. */
export function AskPanel({ chat: { settings, change } }: { readonly chat: Conversation }) {
  const t = useMessages()
  const administrator = useIsAdministrator()
  const tenant = usePreference('playgroundTenant')
  const wrong = unreadable(settings)
  const p = t.playground
  const text = (name: Numbers) => ({
    value: settings[name],
    onChange: (event: { target: { value: string } }) => change({ [name]: event.target.value }),
  })
  return (
    <div className="flex flex-col gap-5">
      <TextAreaField
        label={p.system}
        placeholder={p.systemHint}
        value={settings.system}
        onChange={(event) => change({ system: event.target.value })}
      />
      <Group title={p.answerSection}>
        <Switch label={p.stream} checked={settings.stream} onChange={(stream) => change({ stream })} />
        <div className="grid grid-cols-2 gap-3">
          <SelectField
            label={p.thinking}
            value={settings.thinking}
            options={(['default', 'enabled', 'disabled'] as const).map((value) => ({
              value,
              label: p.thinkings[value],
            }))}
            onChange={(thinking) => change({ thinking })}
          />
          <SelectField
            label={p.effort}
            value={settings.effort}
            disabled={settings.thinking === 'disabled'}
            options={(['default', 'low', 'high', 'max'] as const).map((value) => ({ value, label: p.efforts[value] }))}
            onChange={(effort) => change({ effort })}
          />
        </div>
        <SelectField
          label={p.format}
          value={settings.format}
          options={(['text', 'json_object', 'json_schema'] as const).map((value) => ({
            value,
            label: p.formats[value],
          }))}
          onChange={(format) =>
            change({ format, ...(settings.schema === '' && { schema: JSON.stringify(exampleSchema, null, 2) }) })
          }
        />
        {settings.format === 'json_schema' && (
          <TextAreaField
            label={p.schema}
            mono
            rows={8}
            value={settings.schema}
            error={wrong.includes('schema') ? p.invalidJson(p.schema) : undefined}
            onChange={(event) => change({ schema: event.target.value })}
          />
        )}
      </Group>
      <Group title={p.sampling}>
        <div className="grid grid-cols-2 gap-3">
          <TextField label={p.temperature} inputMode="decimal" placeholder="1" {...text('temperature')} />
          <TextField label={p.topP} inputMode="decimal" placeholder="1" {...text('topP')} />
          <TextField label={p.maxTokens} inputMode="numeric" {...text('maxTokens')} />
          <TextField label={p.seed} inputMode="numeric" {...text('seed')} />
        </div>
        <TextAreaField
          label={p.stops}
          hint={p.stopsHint}
          mono
          rows={2}
          value={settings.stops}
          onChange={(event) => change({ stops: event.target.value })}
        />
      </Group>
      <Group title={p.tools}>
        <TextAreaField
          label={p.tools}
          hint={p.toolsHint}
          mono
          rows={settings.tools === '' ? 2 : 8}
          value={settings.tools}
          error={wrong.includes('tools') ? p.invalidJson(p.tools) : undefined}
          onChange={(event) => change({ tools: event.target.value })}
        />
        {settings.tools.trim() === '' ? (
          <Button small onClick={() => change({ tools: JSON.stringify(exampleTools, null, 2) })} className="self-start">
            {p.toolsExample}
          </Button>
        ) : (
          <>
            <SelectField
              label={p.toolChoice}
              value={settings.toolChoice}
              options={[
                ...(['default', 'none', 'auto', 'required'] as const).map((value) => ({
                  value,
                  label: p.toolChoices[value],
                })),
                ...toolNames(settings.tools).map((name) => ({ value: `function:${name}`, label: name })),
              ]}
              onChange={(toolChoice) => change({ toolChoice })}
            />
            <Switch label={p.parallel} checked={settings.parallel} onChange={(parallel) => change({ parallel })} />
          </>
        )}
      </Group>
      <Group title={p.advanced}>
        <div className="grid grid-cols-2 gap-3">
          <TextField label={p.frequencyPenalty} inputMode="decimal" {...text('frequencyPenalty')} />
          <TextField label={p.presencePenalty} inputMode="decimal" {...text('presencePenalty')} />
          <TextField label={p.logprobs} inputMode="numeric" {...text('topLogprobs')} />
          <TextField label={p.userId} {...text('userId')} />
        </div>
        <p className="text-sm text-faint">{p.penaltyHint}</p>
        {administrator && (
          <TenantField label={p.tenant} value={tenant} onChange={(value) => prefer('playgroundTenant', value)} />
        )}
      </Group>
    </div>
  )
}

type Numbers = Extract<
  keyof AskSettings,
  'temperature' | 'topP' | 'maxTokens' | 'seed' | 'frequencyPenalty' | 'presencePenalty' | 'topLogprobs' | 'userId'
>

function Group({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <section className="flex flex-col gap-3 border-t border-line pt-4">
      <h2 className="font-semibold">{title}</h2>
      {children}
    </section>
  )
}
