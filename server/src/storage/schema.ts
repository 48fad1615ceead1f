/** The tables as Kysely sees them. Times are milliseconds since 1970; what makes the tables is `migrations.ts`. */
import type { Generated, Selectable } from 'kysely'

export interface Schema {
  meta: { key: string; value: string }
  tenants: { id: string; name: string; created_at: number }
  projects: ProjectsTable
  api_keys: ApiKeysTable
  blocked_users: { tenant: string; user_id: string; blocked_at: number }
  kept_reasoning: KeptReasoningTable
  kept_answers: KeptAnswersTable
  prices: PricesTable
  accounts: AccountsTable
  counters: { scope: string; window: string; amount: number }
  holds: HoldsTable
  ledger: LedgerTable
  ledger_sums: LedgerSumsTable
  requests: RequestsTable
  recordings: RecordingsTable
  usage_sums: UsageSumsTable
  first_tokens: FirstTokensTable
  error_codes: ErrorCodesTable
  /** Processes that say in the database that they are alive: `beat` goes up while they are. */
  nodes: { node: string; beat: number }
  people: PeopleTable
  sessions: { hash: string; person: string; created_at: number; last_used_at: number }
  sign_in_tries: { subject: string; count: number; last_at: number }
  admin_keys: AdminKeysTable
  audit_trail: AuditTrailTable
  check_reports: { engine: string; at: number; report: string }
}

interface ProjectsTable {
  id: string
  tenant: string
  /** Unique among the tenant's. */
  name: string
  /** `UseLimits` as JSON. */
  limits: string
  created_at: number
  /** Its keys are refused since then. */
  archived_at: number | null
}

interface ApiKeysTable {
  id: string
  tenant: string
  /** Never changes. */
  project: string | null
  name: string
  /** The secret's first characters and its last four, for people; '' where they would give too much away. */
  prefix: string
  last_four: string
  /** HMAC of the secret under a subkey of the server secret. */
  hash: Uint8Array
  /** `KeySettings` as JSON. */
  settings: string
  created_at: number
  expires_at: number | null
  revoked_at: number | null
  last_used_at: number | null
}

interface KeptReasoningTable {
  /** HMAC of tenant, user and call id: nobody who reads the table learns who said what. */
  lookup: Uint8Array
  /** AES-256-GCM: 12 bytes nonce, 16 bytes tag, then the text. */
  sealed: Uint8Array
  created_at: number
}

interface KeptAnswersTable {
  /** HMAC of tenant and Idempotency-Key. */
  lookup: Uint8Array
  /** HMAC of the request's body. */
  body: Uint8Array
  /** The process that makes it. */
  node: string
  /** The answer, sealed as in `storage/sealing.ts`; null while it is being made. */
  sealed: Uint8Array | null
  created_at: number
}

/** Rates are micro-units of the currency for a million tokens. */
interface PricesTable {
  id: string
  model: string
  currency: string
  valid_from: number
  input: number
  cached_input: number
  output: number
}

/** Amounts are micro-units of the currency. */
interface AccountsTable {
  tenant: string
  /** 1: nothing is served beyond the balance. */
  prepaid: number
  currency: string
  balance: number
  /** What open answers may cost at most, together. */
  held: number
  /** Of the last entry, and its hash. */
  last_seq: number
  head: Uint8Array | null
  /** `UseLimits` as JSON. */
  limits: Generated<string>
}

/** Answers that have begun and are not charged yet. */
interface HoldsTable {
  request: string
  tenant: string
  project: string | null
  key: string
  user_id: string | null
  model: string
  price: string | null
  amount: number
  /** What it can come to in tokens, and of whose tokens a minute they are reserved: `key`, `tenant`, with spaces between. */
  tokens: number
  tokens_of: string
  at: number
  /** The process that serves it. */
  node: string
  /** What was generated, as far as known: written now and then for when the process dies. */
  prompt_tokens: number
  cached_tokens: number
  completion_tokens: number
  reasoning_tokens: number
}

/** `Entry` of `ledger/entry.ts`, a column each. */
interface LedgerTable {
  tenant: string
  seq: number
  at: number
  began: number | null
  kind: string
  amount: number
  balance: number
  currency: string
  request: string | null
  project: string | null
  key: string | null
  user_id: string | null
  model: string | null
  price: string | null
  prompt_tokens: number | null
  cached_tokens: number | null
  completion_tokens: number | null
  reasoning_tokens: number | null
  estimated: number | null
  note: string
  hash: Uint8Array
}

/** `ChargeSum` of `ledger/charge-sums.ts`, a column each. */
interface LedgerSumsTable {
  tenant: string
  step: 'day' | 'month'
  start: number
  currency: string
  model: string
  key: string
  user_id: string
  requests: number
  prompt_tokens: number
  cached_tokens: number
  completion_tokens: number
  reasoning_tokens: number
  cost: number
}

/** People who sign in to the console. */
interface PeopleTable {
  id: string
  /** In lower case. */
  name: string
  /** Argon2id, as `tenancy/people/passwords.ts` writes it. */
  password: string
  role: string
  /** Null: an administrator, who belongs to none. */
  tenant: string | null
  disabled: number
  created_at: number
  last_sign_in_at: number | null
}

interface AdminKeysTable {
  id: string
  name: string
  role: string
  tenant: string | null
  prefix: string
  last_four: string
  /** HMAC of the secret under a subkey of the server secret, in hex. */
  hash: string
  created_at: number
  created_by: string
  expires_at: number | null
  revoked_at: number | null
  last_used_at: number | null
}

interface AuditTrailTable {
  id: string
  at: number
  actor_kind: string
  actor: string | null
  actor_name: string
  /** The id of the operation in `http/admin/contract.ts`. */
  operation: string
  tenant: string | null
  subject: string | null
  outcome: string
  /** JSON. */
  detail: string
  address: string | null
}

/** `LogEntry` of `request-log/entry.ts`, a column each. */
interface RequestsTable {
  /** Grows in the order in which requests end: `seqPerMs` for each millisecond since 1970 when it was written down. Two writers may give the same one. */
  seq: number
  id: string
  at: number
  tenant: string
  project: string | null
  key: string
  user_id: string | null
  model: string
  asked: string
  engine: string | null
  status: number
  outcome: string
  failed: number
  streamed: number
  thinking: number
  prompt_tokens: number
  cached_tokens: number
  completion_tokens: number
  reasoning_tokens: number
  estimated: number
  cost: bigint | number
  queued_ms: number | null
  first_token_ms: number | null
  duration_ms: number
  attempts: number
  /** `Detail` as JSON. */
  detail: string
}

/** What was said, sealed as in `storage/sealing.ts`. */
interface RecordingsTable {
  request: string
  sealed: Uint8Array
  created_at: number
}

/** Who used what, and when: what sums of usage are told apart by. */
interface UsageOf {
  /** `user-day`: a day of one user; the others are of all users together, so that there are few of them. */
  step: 'hour' | 'day' | 'user-day'
  /** Where the step begins. */
  start: number
  tenant: string
  model: string
  key: string
  /** '' for requests that named no user, and for those of all users together. */
  user_id: string
}

/** All requests that ended in an hour or a day, added up. They stay when the requests are gone. */
interface UsageSumsTable extends UsageOf {
  requests: number
  errors: number
  prompt_tokens: number
  cached_tokens: number
  completion_tokens: number
  reasoning_tokens: number
  cost: bigint | number
  /** From the first token to the last, and the tokens that came in that time. */
  generating_ms: number
  generated_tokens: number
}

/** How many ended with this code. */
interface ErrorCodesTable extends UsageOf {
  code: string
  amount: number
}

/** How many had their first token in a time of this bucket of `request-log/first-token.ts`. */
interface FirstTokensTable extends UsageOf {
  bucket: number
  amount: number
}

export type ApiKeyRow = Selectable<ApiKeysTable>
