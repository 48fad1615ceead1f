/** Fills a request log, through the writer that the service has, and the ledger with it: node bench/seed-log.ts FOLDER REQUESTS. The same each time. */
import { sql } from 'kysely'
import type { LogEntry } from '../server/src/request-log/entry.ts'
import { openLogWriter } from '../server/src/request-log/writer.ts'
import { openStorage } from '../server/src/storage/storage.ts'
import { seedLedger } from './seed-ledger.ts'

const days = 90
const dayMs = 24 * 60 * 60_000
const batch = 500

/** @param count requests of 500 users with 20 keys, over the 90 days until now; one in thirty failed */
export async function seedLog(data: string, count: number, say: (done: number) => void): Promise<void> {
  const storage = await openStorage({ data })
  // Nothing that is lost with the power.
  await sql`pragma synchronous = off`.execute(storage.db)
  await sql`pragma wal_autocheckpoint = 4000`.execute(storage.db)
  const end = Date.now()
  let at = end - days * dayMs
  const forever = { requestsMs: Infinity, recordingsMs: Infinity, auditMs: Infinity, sumsMs: Infinity }
  const writer = openLogWriter(
    storage.db,
    forever,
    () => Buffer.alloc(0),
    () => at,
  )
  const ledger = seedLedger(data)
  const random = randomFrom(1)
  for (let done = 0; done < count; done += batch) {
    const entries = Array.from({ length: Math.min(batch, count - done) }, (_, i) => {
      at = Math.round(end - days * dayMs * (1 - (done + i) / count))
      return entryOf(done + i, at - 2_000, random)
    })
    await writer.write(entries)
    ledger.charge(entries)
    say(done + entries.length)
  }
  ledger.close()
  await storage.close()
}

const codes = [
  'rate-limited',
  'engine-unavailable',
  'engine-lost',
  'invalid-request',
  'cancelled',
  'insufficient-balance',
]

function entryOf(number: number, at: number, random: (below: number) => number): LogEntry {
  const user = random(500)
  const failed = random(30) === 0
  const firstTokenMs = 50 + random(400)
  const completionTokens = failed ? 0 : 20 + random(500)
  const code = codes[random(codes.length)] ?? 'internal'
  return {
    id: `req_${number.toString(16).padStart(24, '0')}`,
    at,
    tenant: `tenant-${user % 4}`,
    project: null,
    key: `key_${(user % 20).toString(16).padStart(16, '0')}`,
    userId: random(10) === 0 ? null : `user-${user}`,
    model: `model-${random(3)}`,
    asked: 'model',
    engine: `engine-${random(4)}`,
    status: failed ? 503 : 200,
    outcome: failed ? code : 'stop',
    failed,
    streamed: true,
    thinking: random(2) === 0,
    usage: { promptTokens: 100 + random(2_000), cachedTokens: random(100), completionTokens, reasoningTokens: 0 },
    cost: BigInt(100 + random(1_000)),
    queuedMs: random(20),
    firstTokenMs: failed ? null : firstTokenMs,
    durationMs: failed ? random(100) : firstTokenMs + random(1_500),
    detail: {
      admittedMs: 1,
      tries: [{ engine: 'engine-0', why: 'only', beganMs: 1, endedMs: 900, outcome: failed ? code : 'ok' }],
      matchedStop: null,
      price: null,
      error: failed ? { code, message: 'It failed.' } : null,
    },
  }
}

/** Numbers that look like chance: xorshift. */
function randomFrom(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % below
  }
}

if (import.meta.main) {
  const [data = '', count = ''] = process.argv.slice(2)
  const began = performance.now()
  await seedLog(data, Number(count), (done) => {
    if (done % 50_000 === 0)
      process.stderr.write(`${done} requests, ${Math.round((performance.now() - began) / 1000)} s\n`)
  })
}
