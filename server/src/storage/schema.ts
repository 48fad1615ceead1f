/** The tables as Kysely sees them. Times are milliseconds since 1970; what makes the tables is `migrations.ts`. */
import type { Selectable } from 'kysely'

export interface Schema {
  meta: { key: string; value: string }
  tenants: { id: string; name: string; created_at: number }
  api_keys: ApiKeysTable
  blocked_users: { tenant: string; user_id: string; blocked_at: number }
  kept_reasoning: KeptReasoningTable
}

interface ApiKeysTable {
  id: string
  tenant: string
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

export type ApiKeyRow = Selectable<ApiKeysTable>
