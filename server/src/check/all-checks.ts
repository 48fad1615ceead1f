import type { Area } from './check.ts'
import { answers, streams, usage } from './checks/answers.ts'
import { errors } from './checks/errors.ts'
import { fields } from './checks/fields.ts'
import { json } from './checks/json.ts'
import { messages } from './checks/messages.ts'
import { others } from './checks/others.ts'
import { stops } from './checks/stop.ts'
import { thinking } from './checks/thinking.ts'
import { tools } from './checks/tools.ts'
import { transport } from './checks/transport.ts'

/** In the order of a report. Those that look at what came before (`T95`, `C89`) find the more, the more was asked. */
export const allAreas: readonly Area[] = [
  answers,
  streams,
  usage,
  stops,
  thinking,
  tools,
  json,
  fields,
  messages,
  errors,
  others,
  transport,
]
