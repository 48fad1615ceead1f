// biome-ignore-all lint/a11y/useSemanticElements: a group with a name, which here is not a fieldset
import { Tabs } from 'radix-ui'
import { useState } from 'react'
import { type SnippetLanguage, type SnippetRequest, snippet, snippetLanguages } from '../lib/snippets.ts'
import { cx } from './classes.ts'
import { CopyButton } from './copy-button.tsx'

export function Code({
  text,
  label,
  wrap,
  tall,
}: {
  readonly text: string
  readonly label: string
  readonly wrap?: boolean
  readonly tall?: boolean
}) {
  return (
    <pre
      aria-label={label}
      role="group"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
      tabIndex={0}
      className={cx(
        'overflow-auto rounded-md bg-sunken px-3 py-2.5 font-mono text-sm',
        tall ? 'max-h-[60vh]' : 'max-h-80',
        wrap && 'break-words whitespace-pre-wrap',
      )}
    >
      {text}
    </pre>
  )
}

/** A request in every language that people paste. */
export function Snippets({ request, tall }: { readonly request: SnippetRequest; readonly tall?: boolean }) {
  const [language, setLanguage] = useState<SnippetLanguage>('curl')
  return (
    <Tabs.Root value={language} onValueChange={(id) => setLanguage(id as SnippetLanguage)}>
      <div className="mb-2 flex items-center justify-between">
        <Tabs.List className="flex gap-1">
          {snippetLanguages.map(({ id, name }) => (
            <Tabs.Trigger
              key={id}
              value={id}
              className="h-7 rounded-md px-2.5 text-sm text-muted hover:bg-hover data-[state=active]:bg-accent-soft data-[state=active]:font-medium data-[state=active]:text-accent"
            >
              {name}
            </Tabs.Trigger>
          ))}
        </Tabs.List>
        <CopyButton text={snippet[language](request)} />
      </div>
      {snippetLanguages.map(({ id, name }) => (
        <Tabs.Content key={id} value={id} tabIndex={-1}>
          <Code text={snippet[id](request)} label={name} tall={tall ?? false} />
        </Tabs.Content>
      ))}
    </Tabs.Root>
  )
}
