import { isObject, type Json } from '../openai-wire/chunk.ts'
import { type Connection, readRefusal, readWhole } from '../openai-wire/connection.ts'
import type { Refusal } from '../openai-wire/refusal.ts'

/** A server answered, but with no answer. */
export class Refused extends Error {
  override readonly name = 'Refused'
  readonly refusal: Refusal
  constructor(refusal: Refusal) {
    super(`The engine refused (${refusal.status}).`)
    this.refusal = refusal
  }
}

/**
 * A question to one server that has one JSON object for an answer.
 * @param body absent: a GET
 * @throws Refused, also when the answer is no JSON object; ServeError when nobody answers
 */
export type Asking = (path: string, body: object | undefined, signal: AbortSignal) => Promise<Json>

/** @param root the address of the server: a `/v1` at its end is left out */
export function askingOf(connection: Connection, root: URL): Asking {
  return async (path, body, signal) => {
    const response = await connection.send(endpointOf(root, path), body, signal)
    if (response.statusCode !== 200) throw new Refused(await readRefusal(response))
    const answer = await readWhole(response)
    if (!isObject(answer)) throw new Refused({ status: 200, message: '' })
    return answer
  }
}

export const endpointOf = (root: URL, path: string): URL =>
  new URL(root.pathname.replace(/\/+$/, '').replace(/\/v1$/, '') + path, root)
