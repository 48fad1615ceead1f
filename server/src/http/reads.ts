/**
 * What people look at: the log, usage, the ledger, the audit trail. It is read in threads of its own, one for what takes a moment and
 * one for what may take seconds, each with one question at a time over a file; so no look keeps an answer to a client waiting.
 */

import { type AskThread, askThread } from '../lib/ask-thread.ts'
import { askedOnce } from '../lib/asked-once.ts'
import type { Storage } from '../storage/storage.ts'
import type { ReadAnswers, ReadsStart } from './reads-thread.ts'

export interface Reads extends AskThread<ReadAnswers> {}

type Question = keyof ReadAnswers & string

const long: readonly Question[] = [
  'tenantUsage',
  'usage',
  'usageTable',
  'requestTable',
  'ledgerTable',
  'verifyLedger',
  'endUsers',
]
/** What consoles ask again and again; whoever asks sees what was true a moment ago. */
const alike: readonly Question[] = ['tenantUsage', 'usage', 'requests', 'recent', 'usedBy', 'endUsers']

export function openReads({ place, secret }: Pick<Storage, 'place' | 'secret'>): Reads {
  const start = () =>
    askThread<ReadAnswers>(new URL('./reads-thread.ts', import.meta.url), { place, secret } satisfies ReadsStart)
  const lanes = { quick: start(), long: start() }
  const ask = (name: string, question: unknown) =>
    lanes[long.some((one) => one === name) ? 'long' : 'quick'].ask(name as Question, question as never)
  const once = askedOnce(ask)
  return {
    ask: (name, question) => (alike.includes(name) ? once : ask)(name, question) as never,
    async close() {
      await Promise.all([lanes.quick.close(), lanes.long.close()])
    },
  }
}
