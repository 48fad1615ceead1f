import { Agent } from 'undici'
import type { Client } from '../client.ts'
import { errandOf, type Kind } from './errands.ts'
import { type Heard, hear } from './stream.ts'

/** An answer, beside the undisturbed one. */
export interface Told {
  readonly kind: Kind
  readonly variant: number
  readonly heard: Heard
  readonly reference: Heard
}

/** Clients who know what the undisturbed answers are. */
export interface Knowing {
  /** Asks for one more answer. */
  ask(kind: Kind, variant: number): Promise<Told>
  /** Pieces of answers that came so far. */
  readonly pieces: () => number
  /** What is being asked, for whoever looks into a run that does not come to its end. */
  readonly open: ReadonlySet<string>
  close(): Promise<void>
}

/** @param variants how many different errands of each kind; at most 8  @throws Error when an undisturbed answer is not whole */
export async function knowing(client: Client, kinds: readonly Kind[], variants: number): Promise<Knowing> {
  const agent = new Agent({ connections: 256, headersTimeout: 0, bodyTimeout: 0 })
  const references = new Map<string, Heard>()
  const learn = async (kind: Kind, variant: number) => {
    const heard = await hear(client, agent, errandOf(kind, variant), () => undefined)
    if (heard.faults.length > 0) throw new Error(`${kind} ${variant} fails undisturbed: ${heard.faults}`)
    references.set(`${kind} ${variant}`, heard)
  }
  await Promise.all(kinds.flatMap((kind) => Array.from({ length: variants }, (_, variant) => learn(kind, variant))))
  const open = new Set<string>()
  let asked = 0
  let pieces = 0
  return {
    async ask(kind, variant) {
      const reference = references.get(`${kind} ${variant}`)
      if (!reference) throw new Error(`Nobody knows ${kind} ${variant}.`)
      const name = `${++asked}: ${kind} ${variant}`
      open.add(name)
      const heard = await hear(client, agent, errandOf(kind, variant), () => pieces++)
      open.delete(name)
      return { kind, variant, heard, reference }
    },
    pieces: () => pieces,
    open,
    close: () => agent.close(),
  }
}

export interface Crowd extends Pick<Knowing, 'pieces' | 'open'> {
  /** All answers so far. */
  readonly told: readonly Told[]
  /** Nobody asks anew; settles when the last answer is over. */
  end(): Promise<void>
}

export interface CrowdOptions {
  readonly client: Client
  readonly kinds: readonly Kind[]
  /** Streams at once, of the kinds in turn. */
  readonly streams: number
  readonly variants: number
}

/** Many clients who ask again and again, each the next as soon as one is over. */
export async function startCrowd({ client, kinds, streams, variants }: CrowdOptions): Promise<Crowd> {
  const { ask, close, ...seen } = await knowing(client, kinds, variants)
  const errands = kinds.flatMap((kind) => Array.from({ length: variants }, (_, variant) => ({ kind, variant })))
  const told: Told[] = []
  let over = false
  const clients = Array.from({ length: streams }, async (_, index) => {
    for (let turn = index; !over; turn += variants + 1) {
      const { kind, variant } = errands[turn % errands.length] as (typeof errands)[number]
      told.push(await ask(kind, variant))
    }
  })
  return {
    ...seen,
    told,
    async end() {
      over = true
      await Promise.all(clients)
      await close()
    },
  }
}
