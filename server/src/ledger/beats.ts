/**
 * Which processes that share a database are alive, over machines: each counts a row of its own up. Who does not for a while, as
 * long as another one could watch, is dead to the others, whatever their clocks say. If it lives all the same, cut off from the
 * database, it finds its answers closed when it comes back, and settles none of them.
 */
import type { Client } from 'pg'

/** How long nobody beats before its open answers are closed. A process beats every five seconds. */
const leaseMs = 20_000

export interface Beats {
  /** Says that this process is alive. @returns who is dead; `bury` when nothing of it is left to do */
  beat(client: Client): Promise<readonly { readonly node: string; bury(client: Client): Promise<void> }[]>
  /** Nothing is held by this process any more. */
  end(client: Client): Promise<void>
}

interface Seen {
  /** Undefined: it holds something, and has never been there. */
  readonly beat: bigint | undefined
  readonly since: number
}

/** @param now milliseconds of a clock that never jumps */
export function openBeats(own: string, now: () => number): Beats {
  let seen = new Map<string, Seen>()
  const lookAround = async (client: Client) => {
    await client.query(
      'insert into nodes (node, beat) values ($1, 1) on conflict (node) do update set beat = nodes.beat + 1',
      [own],
    )
    const { rows } = await client.query<{ node: string; beat: bigint | null }>(
      `select node, beat from nodes where node <> $1
        union all select node, null from (select node from holds union select node from kept_answers where sealed is null) as holders
          where node <> $1 and node not in (select node from nodes)`,
      [own],
    )
    return rows.map(({ node, beat }) => ({ node, beat: beat ?? undefined }))
  }
  return {
    async beat(client) {
      const before = seen
      // What cannot be watched is nobody's silence.
      seen = new Map()
      const others = await lookAround(client)
      seen = new Map(
        others.map(({ node, beat }) => {
          const known = before.get(node)
          return [node, known && known.beat === beat ? known : { beat, since: now() }]
        }),
      )
      return [...seen].flatMap(([node, { beat, since }]) => {
        if (now() - since < leaseMs) return []
        const bury = async (connection: Client) =>
          void (await connection.query('delete from nodes where node = $1 and beat = $2', [node, beat ?? 0n]))
        return [{ node, bury }]
      })
    },
    end: async (client) => void (await client.query('delete from nodes where node = $1', [own])),
  }
}
