import { onTestFinished } from 'vitest'
import { type Listening, listen, type Replies } from './replies.ts'

export type { Replies, Reply } from './replies.ts'
export type Upstream = Listening

/** @param replies one for each request, the last of them repeated. The server ends with the test. */
export async function startUpstream(replies: Replies): Promise<Upstream> {
  const upstream = await listen(replies)
  onTestFinished(upstream.close)
  return upstream
}
