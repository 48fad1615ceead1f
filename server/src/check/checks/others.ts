import { type Area, broken, type Check, cannotTell, judged, kept, notOffered } from '../check.ts'
import type { Probe } from '../probe.ts'
import { isStream, saidIn } from '../reading.ts'
import { user } from '../samples.ts'
import { at, listAt, parsed, shown } from '../wire-json.ts'

const json = { 'content-type': 'application/json' }

const isolation: Check = {
  id: 'T93',
  title: 'two values of user_id never share a cached prefix',
  contract: 'C98',
  async run(probe) {
    // Its own beginning in every run: an earlier one may still be cached.
    const messages = user(`${probe.model} ${Date.now()}: repeat ${'one two three '.repeat(60)}`)
    const cached = async (user_id: string, nth: number) => {
      const answer = await probe.chat({ ...probe.survey.quiet, messages, max_tokens: 1, user_id }, { nth })
      const usage = saidIn(answer)?.usage
      return Number(at(usage, 'prompt_tokens_details', 'cached_tokens') ?? at(usage, 'prompt_cache_hit_tokens') ?? 0)
    }
    const first = await cached('check-alice', 0)
    const second = await cached('check-alice', 1)
    if (second <= first) return cannotTell('it tells of no cached tokens')
    const other = await cached('check-bob', 0)
    return other > first ? broken(`another user_id has ${other} cached tokens of the first one's prompt`) : kept
  },
}

const seed: Check = {
  id: 'seed',
  title: 'seed is taken, and gives the same answer again',
  contract: 'section 2',
  async run(probe) {
    const fields = {
      ...probe.survey.quiet,
      messages: user('Tell me a story.'),
      seed: 7,
      temperature: 1,
      max_tokens: 48,
    }
    const answers = [await probe.chat(fields), await probe.chat(fields, { nth: 1 })]
    const refused = answers.find(({ status }) => status !== 200)
    if (refused) return broken(`${refused.trouble ?? refused.status}`)
    const [one, other] = answers.map((answer) => saidIn(answer)?.content)
    return one === other ? kept : cannotTell('two answers differ; a seed is best effort')
  },
}

const logprobs: Check = {
  id: 'C82',
  title: 'logprobs are given for every token, or refused',
  contract: 'section 2, C82',
  async run(probe) {
    if (probe.survey.logprobs !== undefined) return notOffered(probe.survey.logprobs)
    const fields = {
      ...probe.survey.quiet,
      logprobs: true,
      top_logprobs: 2,
      max_tokens: probe.survey.room,
      temperature: 0,
    }
    const said = saidIn(await probe.chat(fields))
    const tokens = listAt(said?.logprobs, 'content')
    if (said?.content === '') return cannotTell('the answer is empty')
    if (tokens.length === 0) return broken('they are asked for, and not there')
    const faults = tokens.filter((token) => typeof at(token, 'logprob') !== 'number' || !at(token, 'top_logprobs'))
    const spelled = tokens.map((token) => at(token, 'token')).join('')
    return judged([
      ...(faults.length > 0 ? ['entries lack logprob or top_logprobs'] : []),
      ...(spelled.trim() === said?.content.trim()
        ? []
        : [`they spell ${shown(spelled, 32)}, not ${shown(said?.content, 32)}`]),
    ])
  },
}

const models: Check = {
  id: 'T108',
  title: '/models lists the model; an unknown one is 404',
  contract: 'C107, C108, C109',
  async run(probe) {
    const list = await probe.send('/models')
    if (list.status === 404 || list.status === 405) return notOffered(`/models is ${list.status}`)
    const entries = listAt(parsed(list.text), 'data')
    const one = entries.find((entry) => at(entry, 'id') === probe.model)
    const unknown = await probe.send('/models/no-such-model-0')
    return judged([
      ...(at(parsed(list.text), 'object') === 'list' && entries.length > 0 ? [] : ['it is no list']),
      ...(one === undefined ? [`'${probe.model}' is not in it`] : []),
      ...(unknown.status === 404 ? [] : [`an unknown model is ${unknown.trouble ?? unknown.status}`]),
    ])
  },
}

const health: Check = {
  id: 'T109',
  title: '/health is 200 without a key',
  contract: 'C110',
  async run(probe) {
    const answer = await probe.send('/health', { root: true, headers: { authorization: '' } })
    if (answer.status === 404) return notOffered('there is no /health')
    return answer.status === 200 ? kept : broken(`${answer.trouble ?? answer.status}`)
  },
}

/** How many requests run, in the metrics of Tidegate, llama-server, vLLM and SGLang. */
const running =
  /^(?:tidegate_completions_running|llamacpp:requests_processing|vllm:num_requests_running|sglang:num_running_reqs)(?:\{.*\})? ([\d.e+]+)/gm

async function runningNow(probe: Probe): Promise<number | undefined> {
  const { status, text } = await probe.send('/metrics', { root: true })
  const counts = [...text.matchAll(running)].map(([, count]) => Number(count))
  return status === 200 && counts.length > 0 ? counts.reduce((sum, count) => sum + count, 0) : undefined
}

const cancel: Check = {
  id: 'T98',
  title: 'a client that hangs up frees its place within a second',
  contract: 'C8',
  async run(probe) {
    const before = await runningNow(probe)
    if (before === undefined) return cannotTell('it has no metrics that tell what is running')
    const fields = {
      ...probe.survey.quiet,
      model: probe.model,
      messages: user('Count from 1 to 2000, each number on a line of its own.'),
      max_tokens: 2_048,
      stream: true,
    }
    const startedAt = performance.now()
    await probe.chat(fields)
    const wholeMs = performance.now() - startedAt
    if (wholeMs < 4_000) return cannotTell('its longest answer is too quick to hang up in')
    const leftAt = performance.now()
    const left = await probe.send('/chat/completions', {
      method: 'POST',
      headers: json,
      body: JSON.stringify(fields),
      leaveEarly: true,
    })
    if (left.status !== 200 || !isStream(left)) return broken(`no stream (${left.trouble ?? left.status})`)
    const deadline = performance.now() + Math.min(wholeMs / 2, 3_000)
    for (;;) {
      if ((await runningNow(probe)) === before) return kept
      if (performance.now() > deadline)
        return broken(`it still runs ${((performance.now() - leftAt) / 1000).toFixed(1)} s later`)
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  },
}

export const others: Area = {
  name: 'End users and the rest',
  checks: [isolation, seed, logprobs, cancel, models, health],
}
