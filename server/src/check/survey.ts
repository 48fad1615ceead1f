import { OperatorError } from '../lib/operator-error.ts'
import { type Answer, createExchange } from './exchange.ts'
import { type Asking, Busy, createAsking, type Fields, Gone, type Survey, type Target } from './probe.ts'
import { isStream, type Said, saidIn } from './reading.ts'
import { weather } from './samples.ts'
import { at, isCount, listAt, parsed, shown, textAt } from './wire-json.ts'

const off = { thinking: { type: 'disabled' } }
const roomQuiet = 256
const roomThinking = 2_048

/** The first look at a server. @throws OperatorError when it cannot be asked at all, in one sentence */
export async function lookAt(asking: Asking): Promise<Survey> {
  const plain = await asking.chat({ max_tokens: roomThinking }).catch(asOperatorError)
  if (!saidIn(plain)) throw new OperatorError(await whyNotAsked(asking, plain))
  const silent = await asking.chat({ max_tokens: roomThinking, ...off })
  const quiet: Fields = silent.status === 200 ? off : {}
  const thinks = showsReasoning(plain)
  const thinksAnyway = thinks && (silent.status !== 200 || showsReasoning(silent))
  const tools = await asking.chat({ ...quiet, tools: [weather], max_tokens: 1 }, { onlyStatus: true })
  const logprobs = await asking.chat({ ...quiet, logprobs: true, max_tokens: 4 })
  const window = windowOf(await modelsOf(asking), asking.model)
  return {
    thinks,
    quiet,
    room: thinksAnyway ? roomThinking : roomQuiet,
    tools: refusalOf(tools, 'tools'),
    logprobs: refusalOf(logprobs, 'logprobs'),
    givesLogprobs: listAt(saidIn(logprobs)?.logprobs, 'content').length > 0,
    ...(window !== undefined && { window }),
  }
}

/** In the words of Tidegate, vLLM, others, and llama-server. */
function windowOf(models: readonly unknown[], name: string): number | undefined {
  const model = models.find((one) => at(one, 'id') === name) ?? (models.length === 1 ? models[0] : undefined)
  const told = [['context_window'], ['max_model_len'], ['context_length'], ['meta', 'n_ctx'], ['meta', 'n_ctx_train']]
  return told.map((path) => at(model, ...path)).find(isCount)
}

/** In its field, in vLLM's field, or in the answer itself. */
function showsReasoning(answer: Answer): boolean {
  const said = saidIn(answer)
  const message = isStream(answer) ? undefined : at(parsed(answer.text), 'choices', 0, 'message')
  return (said?.reasoning ?? '') !== '' || textAt(message, 'reasoning') !== '' || hasThinkTag(said)
}

const hasThinkTag = (said: Said | undefined): boolean => /<\/?think>/.test(said?.content ?? '')

const refusalOf = ({ status, trouble }: Answer, what: string): string | undefined =>
  status === 200 ? undefined : `it refuses ${what} with ${trouble ?? status}`

/** What the server says of its own mistake or ours. */
const wordsOf = (asking: Asking, answer: Answer): string => {
  const body = parsed(answer.text)
  const message = textAt(body, 'error', 'message') || textAt(body, 'message') || textAt(body, 'detail') || answer.text
  return shown(asking.conceal(message.replace(/\s+/g, ' ').trim()), 160)
}

async function whyNotAsked(asking: Asking, { status, trouble, ...answer }: Answer): Promise<string> {
  if (status === 0) return `The server cannot be reached: ${trouble}.`
  if (status === 401 || status === 403)
    return asking.hasKey
      ? `The server refuses the key (${status}).`
      : `The server asks for a key (${status}): put it into TIDEGATE_CHECK_KEY, or name a file with --key-file.`
  const models = namesOf(await modelsOf(asking))
  if (status === 404 && models.length > 0 && !models.includes(asking.model))
    return `The server does not know the model '${asking.model}'. It has: ${models.join(', ')}.`
  if (status === 404) return 'There are no chat completions at this address (404). Does its path end in /v1?'
  if (status !== 200)
    return `The server refuses the plainest request with ${status}: ${wordsOf(asking, { status, ...answer })}.`
  return `What answers at this address is no chat API${trouble === undefined ? '' : ` (${trouble})`}.`
}

/** @returns none where it does not list them */
const modelsOf = async (asking: Asking): Promise<readonly unknown[]> =>
  listAt(parsed((await asking.send('/models')).text), 'data')

const namesOf = (models: readonly unknown[]): readonly string[] => models.flatMap((one) => textAt(one, 'id') || [])

/** Of a server with one model, its name. @throws OperatorError with the choices */
export async function onlyModelOf(reached: Omit<Target, 'model'>, timeoutMs: number): Promise<string> {
  const exchange = createExchange(timeoutMs)
  try {
    const asking = createAsking({ ...reached, model: '' }, { exchange, signal: new AbortController().signal })
    const models = namesOf(await modelsOf(asking).catch(asOperatorError))
    const [only, ...more] = models
    if (only !== undefined && more.length === 0) return only
    const status = asking.answers[0]
    if (status && status.status !== 200) throw new OperatorError(await whyNotAsked(asking, status))
    throw new OperatorError(`Which model? Say it with --model. The server has: ${models.join(', ') || 'none'}.`)
  } finally {
    await exchange.close()
  }
}

function asOperatorError(error: unknown): never {
  if (error instanceof Busy || error instanceof Gone)
    throw new OperatorError(`The server cannot be checked now: ${error.message}.`)
  throw error
}
