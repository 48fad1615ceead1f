/** Reads much of the database, and writes down what it found as it goes out: beside the thread that carries the streams, and behind it. */
import type { KeyObject } from 'node:crypto'
import { workerData } from 'node:worker_threads'
import { verifyLedger } from '../ledger/audit.ts'
import { type EntriesQuestion, entriesPage } from '../ledger/entry-pages.ts'
import { answerQuestions } from '../lib/ask-thread.ts'
import { yieldToOthers } from '../lib/low-priority.ts'
import { type EndUsersQuestion, endUsersOf } from '../request-log/end-users.ts'
import { recordingsOf } from '../request-log/recording.ts'
import { recentActivity } from '../request-log/requests.ts'
import { usageTotals } from '../request-log/usage.ts'
import { openReader, type Place } from '../storage/storage.ts'
import { untilWalIsShort } from '../storage/write-ahead-log.ts'
import { type AuditQuestion, openAuditTrail } from '../tenancy/people/audit-trail.ts'
import { ledgerFiles } from './admin/answers/ledger.ts'
import { requestAnswers } from './admin/answers/requests.ts'
import { usageAnswers } from './admin/answers/usage.ts'
import { tenantUsage } from './openai/usage-answer.ts'

export interface ReadsStart {
  readonly place: Place
  readonly secret: KeyObject
}

yieldToOthers()
const { place, secret } = workerData as ReadsStart
const read = openReader(place)

const answers = {
  tenantUsage: tenantUsage(read),
  ...requestAnswers(read, recordingsOf(secret)),
  ...usageAnswers(read),
  ...ledgerFiles(read),
  recent: (question: Parameters<typeof recentActivity>[1]) => recentActivity(read, question),
  usedBy: (question: UsedQuestion) => usageTotals(read, { ...question, to: Date.now() }, [question.by]),
  entries: (question: EntriesQuestion) => entriesPage(read, question),
  endUsers: (question: EndUsersQuestion) => endUsersOf(read, question),
  verifyLedger: (_question: undefined) => verifyLedger({ read }),
  auditLines: (question: AuditQuestion) => openAuditTrail({ db: read, read }).list(question),
}
export type ReadAnswers = typeof answers

interface UsedQuestion {
  readonly by: 'tenant' | 'project' | 'key'
  readonly tenant: string | undefined
  readonly project?: string
  readonly key?: string
  /** Milliseconds since 1970. */
  readonly from: number
}

answerQuestions(answers, () => (place.databaseUrl === undefined ? untilWalIsShort(read) : Promise.resolve()))
