import { useMutation } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import { Button } from '../components/button.tsx'
import { Confirm } from '../components/confirm.tsx'
import { Failure } from '../components/failure.tsx'
import { SelectField, Switch, TextField } from '../components/field.tsx'
import { say } from '../components/notices.tsx'
import { Page } from '../components/page.tsx'
import { Panel } from '../components/panel.tsx'
import { call } from '../lib/api.ts'
import { prefer, usePreference } from '../lib/preferences.ts'
import { forgetSession } from '../lib/session.ts'
import { languages, nameOfLanguage, useMessages } from '../messages/messages.ts'

export function Settings() {
  const t = useMessages()
  const theme = usePreference('theme')
  const language = usePreference('language')
  const shortcuts = usePreference('shortcuts')
  return (
    <Page title={t.pages.settings}>
      <div className="flex max-w-2xl flex-col gap-4">
        <Panel title={t.settings.appearance} padded>
          <div className="flex flex-col gap-5">
            <div className="grid gap-4 sm:grid-cols-2">
              <SelectField
                label={t.account.theme}
                value={theme}
                options={(['system', 'light', 'dark'] as const).map((value) => ({
                  value,
                  label: t.account.themes[value],
                }))}
                onChange={(value) => prefer('theme', value)}
              />
              <SelectField
                label={t.account.language}
                value={language}
                options={[
                  { value: 'system', label: t.account.languageSystem },
                  ...languages.map((value) => ({ value, label: nameOfLanguage(value) })),
                ]}
                onChange={(value) => prefer('language', value)}
              />
            </div>
            <Switch
              label={t.settings.shortcuts}
              hint={t.settings.shortcutsHint}
              checked={shortcuts === 'on'}
              onChange={(on) => prefer('shortcuts', on ? 'on' : 'off')}
            />
          </div>
        </Panel>
        <ChangePassword />
        <Sessions />
      </div>
    </Page>
  )
}

function ChangePassword() {
  const t = useMessages()
  const [form, setForm] = useState({ current: '', password: '' })
  const change = useMutation({
    mutationFn: () => call('PUT /admin/password', { body: form }),
    onSuccess: () => {
      setForm({ current: '', password: '' })
      say(t.settings.changed)
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    change.mutate()
  }
  return (
    <Panel title={t.settings.password} padded>
      <form onSubmit={submit} className="flex flex-col items-start gap-4">
        <div className="grid w-full gap-4 sm:grid-cols-2">
          <TextField
            label={t.settings.current}
            type="password"
            autoComplete="current-password"
            required
            value={form.current}
            onChange={(event) => setForm({ ...form, current: event.target.value })}
          />
          <TextField
            label={t.settings.next}
            hint={t.settings.nextHint}
            type="password"
            autoComplete="new-password"
            required
            minLength={12}
            value={form.password}
            onChange={(event) => setForm({ ...form, password: event.target.value })}
          />
        </div>
        {change.error && <Failure error={change.error} />}
        <Button type="submit" busy={change.isPending}>
          {t.settings.change}
        </Button>
      </form>
    </Panel>
  )
}

function Sessions() {
  const t = useMessages()
  const navigate = useNavigate()
  const [asked, setAsked] = useState(false)
  const signOut = async () => {
    await call('DELETE /admin/sessions', {})
    forgetSession()
    await navigate({ to: '/sign-in' })
  }
  return (
    <Panel title={t.settings.sessions} padded>
      <p className="mb-3 text-muted">{t.settings.sessionsHint}</p>
      <Button onClick={() => setAsked(true)}>{t.settings.signOutEverywhere}</Button>
      {asked && (
        <Confirm
          title={t.settings.signOutEverywhere}
          text={t.settings.sessionsHint}
          action={t.settings.signOutEverywhere}
          run={signOut}
          onClose={() => setAsked(false)}
        />
      )}
    </Panel>
  )
}
