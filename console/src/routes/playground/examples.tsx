import { Braces, Brain, type LucideIcon, OctagonX, Sparkles, Wrench } from 'lucide-react'
import { Empty } from '../../components/empty.tsx'
import { type AskSettings, exampleSchema, exampleTools } from '../../lib/ask.ts'
import type { Messages } from '../../messages/en.ts'
import { useMessages } from '../../messages/messages.ts'
import type { Conversation } from './conversation.ts'

interface Example {
  readonly id: keyof Messages['playground']['examples']
  readonly icon: LucideIcon
  /** In English: the demo model reads nothing else. */
  readonly text: string
  readonly settings: Partial<AskSettings>
}

const pretty = (value: unknown): string => JSON.stringify(value, null, 2)

const examples: readonly Example[] = [
  { id: 'thinking', icon: Brain, text: 'What is 17 + 25?', settings: { thinking: 'enabled' } },
  { id: 'tool', icon: Wrench, text: 'What is the weather in Oslo?', settings: { tools: pretty(exampleTools) } },
  {
    id: 'json',
    icon: Braces,
    text: 'Extract the person: Alice is 31 years old and lives in Oslo.',
    settings: { format: 'json_schema', schema: pretty(exampleSchema) },
  },
  { id: 'stop', icon: OctagonX, text: 'Hello!', settings: { stops: 'help', thinking: 'disabled' } },
]

export function Examples({ chat }: { readonly chat: Conversation }) {
  const t = useMessages()
  return (
    <div className="my-auto">
      <Empty icon={Sparkles} title={t.playground.emptyTitle} hint={t.playground.emptyHint} />
      <ul className="mx-auto grid max-w-xl gap-2 sm:grid-cols-2">
        {examples.map(({ id, icon: Icon, text, settings }) => (
          <li key={id}>
            <button
              type="button"
              disabled={chat.settings.model === ''}
              onClick={() => chat.ask([{ role: 'user', text }], { ...chat.settings, ...settings })}
              className="flex h-full w-full items-start gap-3 rounded-lg border border-line bg-surface p-3 text-left hover:border-edge disabled:opacity-55"
            >
              <Icon aria-hidden size={15} className="mt-0.5 shrink-0 text-accent" />
              <span>
                <span className="block font-medium">{t.playground.examples[id]}</span>
                <span className="block text-sm text-faint">{text}</span>
              </span>
            </button>
          </li>
        ))}
      </ul>
    </div>
  )
}
