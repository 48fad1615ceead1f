import { loadConfig } from '../config.ts'
import type { Command } from './command.ts'
import { buildBeside } from './console-bundle.ts'

export const serve: Command = {
  summary: 'Answer chat completions until stopped.',
  usage: `Usage: tidegate serve [OPTIONS]

  --host HOST         address to listen on (TIDEGATE_HOST; default 127.0.0.1)
  --port PORT         port; 0 picks a free one (TIDEGATE_PORT; default 8080)
  --data DIR          database and server secret (TIDEGATE_DATA; default ./data)
  --config FILE       YAML (TIDEGATE_CONFIG; default ./tidegate.yaml if it is there)
  --model FILE.gguf   serve this file, and nothing else; may be repeated
  --log-level LEVEL   fatal, error, warn, info, debug or trace (TIDEGATE_LOG_LEVEL; default info)

TIDEGATE_BOOTSTRAP_KEY is an API key that is made sure to exist. A flag wins over a variable, a variable over the file.`,

  async run(argv, { env, cwd, tell }) {
    const config = loadConfig({ argv, env, cwd })
    const building = buildBeside(tell)
    try {
      // Loaded late: the other commands do not wait for the service and its engines.
      const { main } = await import('../main.ts')
      await main(config)
    } finally {
      building?.kill()
    }
  },
}
