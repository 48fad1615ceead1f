import { QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { Notices } from './components/notices.tsx'
import { usePreference } from './lib/preferences.ts'
import { queryClient } from './lib/query.ts'
import { loadSpeech, type Speech, SpeechContext } from './messages/messages.ts'
import { router } from './router.tsx'

export function App({ first }: { readonly first: Speech }) {
  const [speech, setSpeech] = useState(first)
  const chosen = usePreference('language')
  // biome-ignore lint/correctness/useExhaustiveDependencies: `loadSpeech` reads what was chosen
  useEffect(() => {
    void loadSpeech().then(setSpeech)
  }, [chosen])
  useEffect(() => {
    document.documentElement.lang = speech.language
  }, [speech])
  return (
    <SpeechContext value={speech}>
      <QueryClientProvider client={queryClient}>
        <RouterProvider router={router} />
        <Notices />
      </QueryClientProvider>
    </SpeechContext>
  )
}
