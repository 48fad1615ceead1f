/** Entries for the tests of this folder. */
import type { LogEntry } from './entry.ts'

export const day = Date.UTC(2026, 10, 28)
export const hour = 60 * 60 * 1000

let made = 0

/** A streamed answer of 12 and 11 tokens that cost 40 micro-units, unless it is told otherwise. */
export const entryOf = (entry: Partial<LogEntry> = {}): LogEntry => ({
  id: `req_${(++made).toString().padStart(24, '0')}`,
  at: day,
  tenant: 'default',
  project: null,
  key: 'key_1',
  userId: null,
  model: 'deepseek-v4-flash',
  asked: 'deepseek-v4-flash',
  engine: 'one',
  status: 200,
  outcome: 'stop',
  failed: false,
  streamed: true,
  thinking: false,
  usage: { promptTokens: 12, cachedTokens: 4, completionTokens: 11, reasoningTokens: 8 },
  cost: 40n,
  queuedMs: 1,
  firstTokenMs: 100,
  durationMs: 300,
  detail: { admittedMs: 1, tries: [], matchedStop: null, price: null, error: null },
  ...entry,
})
