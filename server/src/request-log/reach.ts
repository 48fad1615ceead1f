/**
 * How far one look at the log goes. Who asked is in an index; how it ended, by which model and how long it took is not: whoever looks
 * for what is rare would read all of a log of millions, and the console asks again and again.
 */
import type { Kysely } from 'kysely'
import type { Schema } from '../storage/schema.ts'
import { seqPerMs } from './entry.ts'
import { longestMs, type RequestsQuestion } from './requests.ts'

/** The filters that an index finds alone, the one of fewest requests first. */
const indexed = [
  ['user', 'user_id'],
  ['key', 'key'],
  ['project', 'project'],
  ['tenant', 'tenant'],
] as const
const sieved = ['model', 'engine', 'outcome', 'failed', 'hungUp', 'streamed', 'search', 'slowerThanMs'] as const

/**
 * @param max how many are looked at: some 50 ms of CPU for 100,000
 * @returns the `seq` of the last request that is looked at, newest first; undefined where there are no more, or an index finds what is wanted
 */
export async function reachOf(
  read: Kysely<Schema>,
  question: Omit<RequestsQuestion, 'limit' | 'oldestFirst'>,
  max: number,
): Promise<number | undefined> {
  const [lead, ...others] = indexed.filter(([name]) => question[name] !== undefined)
  if (others.length === 0 && sieved.every((name) => question[name] === undefined)) return undefined
  const { from, to, before, after } = question
  // Read off an index alone.
  let query = read
    .selectFrom('requests')
    .select('seq')
    .orderBy('seq', 'desc')
    .offset(max - 1)
    .limit(1)
  if (lead) query = query.where(lead[1], '=', question[lead[0]] ?? null)
  if (from !== undefined) query = query.where('seq', '>=', from * seqPerMs)
  if (to !== undefined) query = query.where('seq', '<', (to + longestMs) * seqPerMs)
  if (after) query = query.where('seq', '>=', after.seq)
  if (before) query = query.where('seq', '<', before.seq)
  return (await query.executeTakeFirst())?.seq
}
