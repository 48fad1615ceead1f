import { checkJson } from '../../completion/json/check.ts'
import { validatorOf } from '../../completion/json-schema.ts'
import type { JsonSchema } from '../../completion/request.ts'
import { type Area, broken, type Check, cannotTell, kept, notOffered, tried, type Verdict } from '../check.ts'
import type { Answer } from '../exchange.ts'
import type { Fields, Probe } from '../probe.ts'
import { saidIn, streamIn } from '../reading.ts'
import { jsonSchema, oddSchema, user } from '../samples.ts'
import { guarded, withoutThinking } from '../statuses.ts'
import { isObject, parsed, shown, textAt } from '../wire-json.ts'
import { isOwnedUp } from './tools.ts'

const object = { response_format: { type: 'json_object' } }
const odd = { response_format: jsonSchema(oddSchema) }
const prompts = ['Hello!', 'What is your name?', 'Tell me about Oslo.']

/** What an answer must be: a validator for the whole, a schema for the beginning of one. */
interface Shape {
  readonly schema: JsonSchema
  readonly fits: (value: unknown) => string | undefined
}
const anObject: Shape = { schema: { type: 'object' }, fits: () => undefined }
const anOddOne: Shape = { schema: oddSchema, fits: validatorOf(oddSchema) }

/** @returns what is wrong with the text of an answer that came to its end */
function faultOf(content: string, { fits }: Shape): string | undefined {
  const value = parsed(content)
  return isObject(value) ? fits(value)?.replace(/\.$/, '') : `the content is no JSON object: ${shown(content)}`
}

/** @returns what is wrong with the beginning of one: it can never become what was asked for */
const faultOfBeginning = (content: string, { schema }: Shape): string | undefined =>
  checkJson(schema).read(content) ? undefined : `the content can never fit: ${shown(content)}`

/** @param room tokens, where the answer needs more than others */
const whole = (fields: Fields, shape: Shape, room?: number): Check['run'] => {
  return (probe) =>
    tried(async (nth): Promise<Verdict> => {
      const limit = { max_tokens: room ?? probe.survey.room }
      const answer = await probe.chat(
        { ...probe.survey.quiet, messages: user(prompts[nth] ?? ''), ...limit, ...fields },
        { nth },
      )
      if (answer.status === 400) return notOffered('it refuses that response_format with 400')
      if (isOwnedUp(answer)) return ofFailed(answer, shape)
      const said = saidIn(answer)
      if (!said) return broken(`no answer (${answer.trouble ?? answer.status})`)
      const isCut = said.finishReason === 'length'
      const fault = isCut ? faultOfBeginning(said.content, shape) : faultOf(said.content, shape)
      if (fault !== undefined) return broken(fault)
      return isCut ? cannotTell('the limit came before the end of the JSON') : kept
    })
}

/** What was sent before the server gave up must have been right so far. */
function ofFailed(answer: Answer, shape: Shape): Verdict {
  const sent = streamIn(answer).chunks.map((chunk) => textAt(chunk, 'choices', 0, 'delta', 'content'))
  const fault = faultOfBeginning(sent.join(''), shape)
  return fault === undefined ? cannotTell('the model gave no valid JSON, and the server says so') : broken(fault)
}

const cutShort: Check = {
  id: 'T81',
  title: 'JSON that the limit cuts is passed on, with finish_reason "length", and is right so far',
  contract: 'C54',
  async run(probe: Probe) {
    const fields = { ...probe.survey.quiet, ...odd, messages: user('Hello!'), max_tokens: 3 }
    const answer = await probe.chat(fields)
    if (answer.status === 400) return notOffered('it refuses json_schema with 400')
    const said = saidIn(answer)
    if (!said) return broken(`no answer (${answer.trouble ?? answer.status})`)
    if (said.finishReason !== 'length') return broken(`finish_reason is ${shown(said.finishReason)}`)
    const fault = faultOfBeginning(said.content, anOddOne)
    return fault === undefined ? kept : broken(fault)
  },
}

export const json: Area = {
  name: 'JSON',
  checks: [
    {
      id: 'T76',
      title: 'json_object gives a JSON object, also when the prompt does not say so',
      contract: 'C54, C55',
      run: whole(object, anObject),
    },
    {
      id: 'C54',
      title: 'json_object in a stream: what was sent is never anything but JSON, also when it ends early',
      contract: 'C54, C58',
      run: whole({ ...object, stream: true }, anObject),
    },
    {
      id: 'C56',
      title: 'json_schema, strict: the answer fits the schema',
      contract: 'C56',
      run: whole(odd, anOddOne),
    },
    {
      id: 'C58',
      title: 'json_schema in a stream: what was sent fits the schema',
      contract: 'C56, C58',
      run: whole({ ...odd, stream: true }, anOddOne),
    },
    {
      id: 'T79',
      title: 'json_schema while thinking is on: the reasoning is free, the answer fits',
      contract: 'C57',
      run: guarded(withoutThinking, whole({ ...odd, thinking: { type: 'enabled' } }, anOddOne, 2_048)),
    },
    cutShort,
  ],
}
