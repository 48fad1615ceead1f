import { beforeAll, expect, test } from 'vitest'
import { type Answer, bodyB, type Client } from '../client.ts'
import { doubled } from '../contract/harness.ts'
import { invalid, type JsonText, open, valid } from './json-corpus.ts'

/** The text itself as a body, and the text as the value of an unknown field of a good request. */
const bodies = ({ text }: JsonText): { alone: Buffer; inside: Buffer } => {
  const [head = '', tail = ''] = JSON.stringify(bodyB({ thinking: { type: 'disabled' }, foo: '@' })).split('"@"')
  const alone = Buffer.from(text)
  return { alone, inside: Buffer.concat([Buffer.from(head), alone, Buffer.from(tail)]) }
}

const isRefused = (answer: Answer): boolean => {
  const { error } = JSON.parse(answer.text)
  return (
    answer.status === 400 &&
    Object.keys(error).join() === 'message,type,param,code' &&
    typeof error.message === 'string' &&
    error.message.length < 300 &&
    error.type === 'invalid_request_error' &&
    error.code === 'invalid_request_error'
  )
}
const whole = (answer: Answer): boolean =>
  answer.status === 200 && JSON.parse(answer.text).choices[0].message.content === 'fine'

/** All texts through one service, some at a time. @returns the names of those for which `good` is false */
async function failing(
  texts: readonly JsonText[],
  good: (client: Client, text: JsonText) => Promise<boolean>,
): Promise<string[]> {
  const { client, log } = await doubled(['fine'])
  const failed: string[] = []
  const waiting = [...texts]
  const work = async () => {
    for (let text = waiting.shift(); text; text = waiting.shift())
      if (!(await good(client, text))) failed.push(text.name)
  }
  await Promise.all([work(), work(), work(), work()])
  expect(log()).not.toContain('defect')
  return failed
}

beforeAll(() => {
  expect(valid.length + invalid.length + open.length).toBeGreaterThan(250)
})

test('T9, T12: whatever JSON a field carries, the request is answered; as a body it is refused, or lacks the model', async () => {
  const failed = await failing(valid, async (client, text) => {
    const { alone, inside } = bodies(text)
    return whole(await client.post(inside)) && (await client.post(alone)).status === 400
  })
  expect(failed).toEqual([])
})

test('T9, T10: what is no JSON is 400 in our shape, alone and inside a request', async () => {
  // Some go together with what is around them: a bracket that closes it, nothing at all. They count alone.
  const closing = (text: JsonText) => typeof text.text === 'string' && /^[}\]]|^$|^\s+$|^null,$|^1,$/.test(text.text)
  const failed = await failing(invalid, async (client, text) => {
    const { alone, inside } = bodies(text)
    const refused = isRefused(await client.post(alone))
    return refused && (closing(text) || isRefused(await client.post(inside)))
  })
  expect(failed).toEqual([])
})

test('C4: what parsers disagree about is answered or refused, and nothing else', async () => {
  const failed = await failing(open, async (client, text) => {
    const { alone, inside } = bodies(text)
    const answer = await client.post(inside)
    return isRefused(await client.post(alone)) && (whole(answer) || isRefused(answer))
  })
  expect(failed).toEqual([])
})
