import { chatDoubled } from '../contract/chat-harness.ts'
import { doubled, type Served } from '../contract/harness.ts'
import { speaking } from '../doubles/speaking.ts'
import { voices } from '../doubles/voices.ts'

/** A service whose model says these raw texts, one a request; `·` is a token border. */
export type Service = (runs: readonly string[]) => Promise<Served>

/** What a client library talks to: an engine whose tokens we see, and the chat API of each kind in front of the same model. */
export const services: Readonly<Record<string, Service>> = {
  'a token engine': (runs) => doubled(runs),
  ...Object.fromEntries(
    Object.values(voices).map((voice) => [
      voice.kind,
      (runs: readonly string[]) => chatDoubled(voice.kind, speaking(voice, runs, true)),
    ]),
  ),
}

/** Heartbeats come often here, so that every library meets them. */
const keepaliveMs = 30

/** The service says nothing but heartbeats for so long before each token. */
export const slow = (raw: string, delayMs = keepaliveMs * 4): Promise<Served> =>
  doubled([{ raw, delayMs }], { limits: { keepaliveMs } })

/** The engine dies after its second token, in every attempt. */
export const breaking = (): Promise<Served> => doubled([{ raw: '</think>Hel·lo', ends: 'lost' }])

/** No engine is there to answer. */
export const absent = (): Promise<Served> => doubled(['never said'], { ready: () => false, limits: { restartMs: 1 } })

export const model = 'deepseek-v4-flash'

/** Raw text: a thought, then this answer. */
export const thinking = (thought: string, answer: string): string => `${thought}·</think>·${answer}`

/** Raw text: a thought, then calls of the weather tool. */
export const calling = (...cities: readonly string[]): string => {
  const invokes = cities.map(
    (city) =>
      `<｜DSML｜invoke name="get_weather">\n<｜DSML｜parameter name="city" string="true">${city}</｜DSML｜parameter>\n</｜DSML｜invoke>\n`,
  )
  return `I need the weather.·</think>·\n\n<｜DSML｜tool_calls>\n·${invokes.join('·')}·</｜DSML｜tool_calls>`
}

export const weather = {
  type: 'object',
  properties: { city: { type: 'string' } },
  required: ['city'],
  additionalProperties: false,
} as const

export const person = {
  type: 'object',
  properties: { name: { type: 'string' }, age: { type: 'integer' } },
  required: ['name', 'age'],
  additionalProperties: false,
} as const
