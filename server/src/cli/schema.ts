import { configJsonSchema } from '../config/schema.ts'
import { parseFlags } from '../lib/flags.ts'
import type { Command } from './command.ts'

export const schema: Command = {
  summary: 'Print the JSON Schema of tidegate.yaml, for editors.',
  usage: 'Usage: tidegate schema',

  async run(argv, terminal) {
    parseFlags(argv, {})
    terminal.print(JSON.stringify(configJsonSchema(), null, 2))
  },
}
