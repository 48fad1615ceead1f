import { configJsonSchema } from '../config/schema.ts'
import { openApi } from '../http/admin/openapi.ts'
import { parseFlags } from '../lib/flags.ts'
import type { Command } from './command.ts'

export const schema: Command = {
  summary: 'Print the JSON Schema of tidegate.yaml, for editors; or the OpenAPI document of the admin API.',
  usage: `Usage: tidegate schema             of tidegate.yaml
       tidegate schema --admin     the OpenAPI document of the admin API`,

  async run(argv, terminal) {
    const { values } = parseFlags(argv, { admin: { type: 'boolean' } })
    terminal.print(JSON.stringify(values.admin ? openApi() : configJsonSchema(), null, 2))
  },
}
