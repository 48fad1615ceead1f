/** Checks that only look at a status: what a server must refuse, and what it must take. */
import { type Check, judged } from './check.ts'
import type { Answer } from './exchange.ts'
import type { Fields, Probe } from './probe.ts'
import { at, shown } from './wire-json.ts'

/** Fields that stand in one request, and `param` of the refusal that they deserve. */
export interface Refusal {
  readonly id: string
  readonly title: string
  readonly contract: string
  readonly cases: readonly (readonly [fields: Fields, param: string])[]
  /** What the error's `code` must be, where it is not `invalid_request_error`. */
  readonly code?: string
  /** Why the server needs not be asked. */
  readonly unless?: Unless
}

export interface Acceptance {
  readonly id: string
  readonly title: string
  readonly contract: string
  readonly cases: readonly Fields[]
  readonly unless?: Unless
}

/** @returns why a check says nothing about this server */
export type Unless = (probe: Probe) => string | undefined

export const withoutTools: Unless = ({ survey }) => survey.tools
export const withoutThinking: Unless = ({ survey }) => (survey.thinks ? undefined : 'it shows no reasoning')

/** Enough for a status. A wrong value that a server takes shall not cost a whole answer. */
const fewTokens = { max_tokens: 4 }

export const refuses = ({ cases, unless, ...check }: Refusal): Check => ({
  ...check,
  run: guarded(unless, async (probe) => {
    const faults: string[] = []
    for (const [fields, param] of cases) {
      const { status, trouble } = await askRefusal(probe, fields)
      if (status !== 400) faults.push(`${param} ${given(fields, param)}: ${trouble ?? status}`)
    }
    return judged(faults)
  }),
})

export const askRefusal = (probe: Probe, fields: Fields): Promise<Answer> =>
  probe.chat({ ...fewTokens, ...fields }, { onlyStatus: true })

export const accepts = ({ cases, unless, ...check }: Acceptance): Check => ({
  ...check,
  run: guarded(unless, async (probe) => {
    const faults: string[] = []
    for (const fields of cases) {
      const { status, trouble } = await probe.chat({ ...fewTokens, ...fields }, { onlyStatus: true })
      if (status !== 200) faults.push(`${said(fields)}: ${trouble ?? status}`)
    }
    return judged(faults)
  }),
})

/** A check that says nothing about a server without what it is about. */
export function guarded(unless: Unless | undefined, run: Check['run']): Check['run'] {
  return async (probe) => {
    const reason = unless?.(probe)
    return reason === undefined ? run(probe) : { verdict: 'not-offered', reason }
  }
}

/** What stands at the place that the refusal should name. */
function given(fields: Fields, param: string): string {
  const path = param.split(/[.[\]]+/).filter((step) => step !== '')
  const value = at(fields, ...path.map((step) => (/^\d+$/.test(step) ? Number(step) : step)))
  return value === undefined ? 'missing' : shown(value, 40)
}

const said = (fields: Fields): string =>
  Object.entries(fields)
    .map(([name, value]) => `${name} ${shown(value, 48)}`)
    .join(', ')
