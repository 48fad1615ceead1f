import { Link } from '@tanstack/react-router'
import { RotateCcw, Trash2, TriangleAlert, Wrench } from 'lucide-react'
import { useState } from 'react'
import { Badge } from '../../components/badge.tsx'
import { Button, IconButton } from '../../components/button.tsx'
import { Code } from '../../components/code.tsx'
import { CopyButton } from '../../components/copy-button.tsx'
import { TextField } from '../../components/field.tsx'
import { type Answer, speedOf, type ToolCall, type Turn, waitsForResults } from '../../lib/chat.ts'
import { useFormat } from '../../lib/format.ts'
import { useMessages } from '../../messages/messages.ts'
import type { Conversation } from './conversation.ts'

export function Turns({ chat }: { readonly chat: Conversation }) {
  return (
    <ol className="flex flex-col gap-6">
      {chat.turns.map((turn, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a turn keeps its place
        <li key={at} className="min-w-0">
          {turn.role === 'user' ? (
            <Asked text={turn.text} chat={chat} at={at} />
          ) : (
            <Said answer={turn} chat={chat} at={at} growing={chat.answering && at === chat.turns.length - 1} />
          )}
        </li>
      ))}
    </ol>
  )
}

function Asked({ text, chat, at }: { readonly text: string; readonly chat: Conversation; readonly at: number }) {
  const t = useMessages()
  return (
    <div className="group flex items-start justify-end gap-1">
      <IconButton
        icon={Trash2}
        label={t.playground.removeFrom}
        disabled={chat.answering}
        onClick={() => chat.setTurns(chat.turns.slice(0, at))}
        className="opacity-0 group-hover:opacity-100 focus-visible:opacity-100"
      />
      <p className="max-w-[85%] rounded-lg bg-accent-soft px-3.5 py-2 break-words whitespace-pre-wrap">
        <span className="sr-only">{t.playground.you}: </span>
        {text}
      </p>
    </div>
  )
}

interface SaidProps {
  readonly answer: Answer
  readonly chat: Conversation
  readonly at: number
  readonly growing: boolean
}

function Said({ answer, chat, at, growing }: SaidProps) {
  const t = useMessages()
  const isLast = at === chat.turns.length - 1
  const silent = answer.text === '' && answer.reasoning === '' && answer.calls.length === 0
  return (
    <article className="flex flex-col gap-3" aria-busy={growing}>
      {answer.reasoning !== '' && <Thinking text={answer.reasoning} growing={growing && answer.text === ''} />}
      {growing && silent && <span className="pulse h-4 w-24 rounded-sm bg-hover" />}
      {answer.text !== '' && <div className="break-words whitespace-pre-wrap">{answer.text}</div>}
      {answer.calls.length > 0 && (
        <Calls
          calls={answer.calls}
          open={isLast && !growing && waitsForResults(answer)}
          onResults={(results) => chat.ask(withResults(chat.turns, at, results))}
        />
      )}
      {answer.error && <ErrorAsGiven error={answer.error} />}
      {!growing && <Figures answer={answer} streamed={chat.settings.stream} />}
      {!growing && isLast && (
        <div className="-ml-2 flex items-center gap-1">
          {answer.text !== '' && <CopyButton text={answer.text} />}
          <Button look="quiet" small icon={RotateCcw} onClick={() => chat.ask(chat.turns.slice(0, at))}>
            {t.playground.again}
          </Button>
          {answer.requestId && (
            <Link
              to="/requests/$id"
              params={{ id: answer.requestId }}
              className="inline-flex h-7 items-center rounded-md px-2 text-sm text-muted hover:bg-hover hover:text-ink"
            >
              {t.playground.seeRequest}
            </Link>
          )}
        </div>
      )}
    </article>
  )
}

const withResults = (turns: readonly Turn[], at: number, results: readonly string[]): readonly Turn[] =>
  turns
    .slice(0, at + 1)
    .map((turn, place) =>
      place === at && turn.role === 'assistant'
        ? { ...turn, calls: turn.calls.map((call, which) => ({ ...call, result: results[which] ?? '' })) }
        : turn,
    )

function Thinking({ text, growing }: { readonly text: string; readonly growing: boolean }) {
  const t = useMessages()
  return (
    <details className="rounded-md border border-line bg-sunken">
      <summary className="px-3 py-1.5 text-sm text-muted select-none">
        <span className={growing ? 'pulse' : undefined}>
          {growing ? t.playground.thinkingNow : t.playground.thinkingOpen}
        </span>
      </summary>
      <p className="px-3 pt-1 pb-3 text-sm break-words whitespace-pre-wrap text-muted">{text}</p>
    </details>
  )
}

interface CallsProps {
  readonly calls: readonly ToolCall[]
  readonly open: boolean
  readonly onResults: (results: readonly string[]) => void
}

function Calls({ calls, open, onResults }: CallsProps) {
  const t = useMessages()
  const [results, setResults] = useState<readonly string[]>([])
  return (
    <form
      className="flex flex-col gap-3"
      onSubmit={(event) => {
        event.preventDefault()
        onResults(calls.map((_, at) => results[at] ?? ''))
      }}
    >
      {calls.map((call, at) => (
        <div key={call.id || at} className="rounded-md border border-line bg-surface p-3">
          <p className="mb-2 flex items-center gap-2">
            <Wrench aria-hidden size={14} className="text-accent" />
            <span className="sr-only">{t.playground.call}: </span>
            <code className="font-mono font-medium">{call.name}</code>
            <span className="font-mono text-xs text-faint">{call.id}</span>
          </p>
          <Code text={indented(call.arguments)} label={`${t.playground.call}: ${call.name}`} wrap />
          {call.result !== undefined && (
            <p className="mt-2 border-l-2 border-accent pl-2.5 break-words whitespace-pre-wrap">{call.result}</p>
          )}
          {open && (
            <TextField
              className="mt-3"
              label={t.playground.result}
              hint={t.playground.resultHint}
              value={results[at] ?? ''}
              onChange={(event) =>
                setResults(calls.map((_, place) => (place === at ? event.target.value : (results[place] ?? ''))))
              }
            />
          )}
        </div>
      ))}
      {open && (
        <Button type="submit" look="primary" className="self-start">
          {t.playground.sendResults}
        </Button>
      )}
    </form>
  )
}

function indented(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2)
  } catch {
    return text
  }
}

function ErrorAsGiven({ error }: { readonly error: NonNullable<Answer['error']> }) {
  const t = useMessages()
  const title =
    error.status === 200
      ? t.playground.brokenTitle
      : error.status === 0
        ? t.playground.networkTitle
        : t.playground.errorTitle(error.status)
  return (
    <div role="alert" className="rounded-md border border-bad bg-bad-soft p-3">
      <p className="flex items-center gap-2 font-medium text-bad">
        <TriangleAlert aria-hidden size={15} />
        {title}
      </p>
      {error.body !== null && (
        <div className="mt-2">
          <Code text={JSON.stringify(error.body, null, 2)} label={title} wrap />
        </div>
      )}
    </div>
  )
}

function Figures({ answer, streamed }: { readonly answer: Answer; readonly streamed: boolean }) {
  const t = useMessages()
  const { count, ms, speed } = useFormat()
  const { usage, firstTokenMs, totalMs, finish, matchedStop, stopped } = answer
  const rate = speedOf(answer, streamed)
  return (
    <div className="number flex flex-wrap items-center gap-x-3 gap-y-1 text-sm text-faint">
      {stopped && <Badge tone="warn">{t.playground.stopped}</Badge>}
      {finish && <Badge tone={finish === 'length' ? 'warn' : 'calm'}>{t.playground.finish(finish)}</Badge>}
      {matchedStop !== null && <Badge tone="accent">{t.playground.matched(matchedStop)}</Badge>}
      {usage && (
        <span>
          {t.playground.usage(
            count(usage.prompt),
            count(usage.cached),
            count(usage.completion),
            count(usage.reasoning),
          )}
        </span>
      )}
      {rate !== undefined && <span>{t.requests.speed(speed(rate))}</span>}
      {streamed && firstTokenMs !== null && <span>{t.playground.firstToken(ms(firstTokenMs))}</span>}
      {totalMs !== null && <span>{ms(totalMs)}</span>}
    </div>
  )
}
