import { type Area, type Check, cannotTell, judged } from '../check.ts'
import type { Answer } from '../exchange.ts'
import type { Probe } from '../probe.ts'
import { askRefusal, type Refusal } from '../statuses.ts'
import { at, isObject, parsed, shown, textAt } from '../wire-json.ts'
import { fieldRefusals } from './fields.ts'
import { messageRefusals } from './messages.ts'

/** Those that every server can be asked: what it does not have is not asked for. */
const askable = ({ survey }: Probe, { unless }: Refusal): boolean => unless === undefined || survey.tools === undefined

/** What the table of refusals was answered with, where the server refused. */
async function refused(probe: Probe): Promise<{ answer: Answer; param: string; code: string }[]> {
  const found: { answer: Answer; param: string; code: string }[] = []
  for (const refusal of [...fieldRefusals, ...messageRefusals].filter((one) => askable(probe, one)))
    for (const [fields, param] of refusal.cases) {
      const answer = await askRefusal(probe, fields)
      if (answer.status === 400) found.push({ answer, param, code: refusal.code ?? 'invalid_request_error' })
    }
  return found
}

const unknownModel = { model: 'no-such-model-0' }

const body: Check = {
  id: 'C89',
  title: 'every error is {"error":{message, type, param, code}} with a string for a code',
  contract: 'C89',
  async run(probe) {
    await refused(probe)
    await askRefusal(probe, unknownModel)
    await probe.send('/no-such-path')
    const errors = probe.answers.filter(({ status }) => status >= 400)
    if (errors.length === 0) return cannotTell('the server refused nothing')
    const faults = errors.map(({ text }) => bodyFault(parsed(text))).filter((fault) => fault !== undefined)
    const kinds = [...new Set(faults)]
    return judged(
      kinds.map((kind) => `${kind} (${faults.filter((fault) => fault === kind).length} of ${errors.length})`),
    )
  },
}

function bodyFault(value: unknown): string | undefined {
  const error = at(value, 'error')
  if (!isObject(error)) return isObject(value) ? 'no "error" object' : 'the body is no JSON object'
  if (typeof error.code === 'number') return `the code is the number ${error.code}`
  if (typeof error.code !== 'string') return `the code is ${shown(error.code)}`
  if (typeof error.type !== 'string') return `the type is ${shown(error.type)}`
  if (typeof error.message !== 'string') return `the message is ${shown(error.message)}`
  return error.param === null || typeof error.param === 'string' ? undefined : `param is ${shown(error.param)}`
}

const param: Check = {
  id: 'C90',
  title: 'a refusal names the field and says what it is by type and code',
  contract: 'C13, C90',
  async run(probe) {
    const errors = await refused(probe)
    if (errors.length === 0) return cannotTell('the server refused nothing')
    const wrong = errors.filter(({ answer, param, code }) => {
      const error = at(parsed(answer.text), 'error')
      return at(error, 'param') !== param || at(error, 'code') !== code || at(error, 'type') !== 'invalid_request_error'
    })
    const [first] = wrong
    if (!first) return judged([])
    const error = at(parsed(first.answer.text), 'error')
    const got = ['param', 'type', 'code'].map((field) => `${field} ${shown(at(error, field), 32)}`).join(', ')
    return judged([`${wrong.length} of ${errors.length} do not, such as ${got} for ${first.param}`])
  },
}

const order: Check = {
  id: 'T39',
  title: 'of several wrong fields the first of the table is named',
  contract: 'C5',
  async run(probe) {
    const answer = await askRefusal(probe, { temperature: 9, top_p: 9, model: 1 })
    if (answer.status !== 400) return judged([`${answer.trouble ?? answer.status} instead of 400`])
    const named = at(parsed(answer.text), 'error', 'param')
    return judged(named === 'model' ? [] : [`param is ${shown(named ?? null)} instead of "model"`])
  },
}

const model: Check = {
  id: 'T16',
  title: 'an unknown model is 404 by name',
  contract: 'C5, C90',
  async run(probe) {
    const answer = await askRefusal(probe, unknownModel)
    if (answer.status === 200) return judged(['another model answers'])
    const error = at(parsed(answer.text), 'error')
    return judged([
      ...(answer.status === 404 ? [] : [`${answer.trouble ?? answer.status} instead of 404`]),
      ...(at(error, 'code') === 'model_not_found' ? [] : [`the code is ${shown(at(error, 'code') ?? null)}`]),
      ...(textAt(error, 'message').startsWith('Model Not Exist') ? [] : ['the message is not "Model Not Exist…"']),
    ])
  },
}

export const errors: Area = { name: 'Errors', checks: [model, body, param, order] }
