import { useMutation } from '@tanstack/react-query'
import { useRouter, useSearch } from '@tanstack/react-router'
import { type FormEvent, useEffect } from 'react'
import { Button } from '../components/button.tsx'
import { Failure } from '../components/failure.tsx'
import { TextField } from '../components/field.tsx'
import { call } from '../lib/api.ts'
import { queryClient } from '../lib/query.ts'
import { sessionQuery } from '../lib/session.ts'
import { useMessages } from '../messages/messages.ts'
import { Mark } from './shell/brand.tsx'

export function SignIn() {
  const t = useMessages()
  const router = useRouter()
  const { to, over } = useSearch({ from: '/sign-in' })
  useEffect(() => {
    document.title = t.signIn.title
  }, [t])

  const signIn = useMutation({
    mutationFn: (body: { name: string; password: string }) => call('POST /admin/session', { body }),
    onSuccess: (me) => {
      queryClient.setQueryData(sessionQuery.queryKey, me)
      // An address of this page alone: nobody is led elsewhere by a link to the sign-in.
      router.history.push(to?.startsWith('/') && !to.startsWith('//') ? `/console${to}` : '/console/')
    },
  })
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    signIn.mutate({ name: String(form.get('name')), password: String(form.get('password')) })
  }
  return (
    <main className="flex min-h-dvh flex-col items-center justify-center px-4 py-10">
      <div className="w-full max-w-80">
        <Mark size={36} />
        <h1 className="mt-5 text-xl font-semibold tracking-tight">{t.signIn.title}</h1>
        {over && <p className="mt-1 text-muted">{t.errors.sessionOver}</p>}
        <form onSubmit={submit} className="mt-6 flex flex-col gap-4">
          <TextField
            label={t.signIn.name}
            name="name"
            autoComplete="username"
            required
            autoFocus
            autoCapitalize="none"
          />
          <TextField
            label={t.signIn.password}
            name="password"
            type="password"
            autoComplete="current-password"
            required
          />
          {signIn.error && <Failure error={signIn.error} />}
          {!isSecureContext && <p className="text-sm text-warn">{t.signIn.insecure}</p>}
          <Button type="submit" look="primary" busy={signIn.isPending} className="mt-1 h-9">
            {t.signIn.submit}
          </Button>
        </form>
        <p className="mt-6 text-sm text-faint">{t.signIn.hint}</p>
      </div>
    </main>
  )
}
