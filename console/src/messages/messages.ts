import { createContext, useContext } from 'react'
import { preference } from '../lib/preferences.ts'
import type { Messages } from './en.ts'

/** Every language is a file of this folder, named by its BCP 47 tag; a new one is found by being there. */
const files = import.meta.glob<Readonly<Record<string, Messages>>>(['./*.ts', '!./messages.ts'])

export const languages: readonly string[] = Object.keys(files).map((path) => path.slice('./'.length, -'.ts'.length))

export const nameOfLanguage = (language: string): string =>
  new Intl.DisplayNames([language], { type: 'language' }).of(language) ?? language

/** The language that was chosen, else the first of the browser's that is there. */
export function languageOf(chosen: string, ofBrowser: readonly string[]): string {
  if (languages.includes(chosen)) return chosen
  const wanted = ofBrowser.map((tag) => tag.split('-')[0] ?? '')
  return wanted.find((tag) => languages.includes(tag)) ?? 'en'
}

export interface Speech {
  readonly language: string
  readonly t: Messages
}

export async function loadSpeech(): Promise<Speech> {
  const language = languageOf(preference('language'), navigator.languages)
  const file = await files[`./${language}.ts`]?.()
  const t = file?.[language]
  if (!t) throw new Error(`There are no messages for '${language}'.`)
  return { language, t }
}

export const SpeechContext = createContext<Speech | null>(null)

export function useSpeech(): Speech {
  const speech = useContext(SpeechContext)
  if (!speech) throw new Error('There is no language here.')
  return speech
}

export const useMessages = (): Messages => useSpeech().t
