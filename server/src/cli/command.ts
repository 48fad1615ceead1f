/** What every subcommand is: a name, two lines of help, and a function of its words and the world around it. */
import { type Config, loadConfig } from '../config.ts'
import type { Environment } from '../lib/yaml-file.ts'

export interface Terminal {
  readonly env: Environment
  readonly cwd: string
  /** What a script may read: stdout. */
  print(line: string): void
  /** What only people read: stderr. */
  tell(line: string): void
  /** Writes the line that stderr is in anew; of use where it is a terminal. */
  overwrite(line: string): void
  /** Whether stderr is a terminal. */
  readonly interactive: boolean
  /** Whether stdout is a terminal whose reader wants colours. */
  readonly colours: boolean
}

export interface Command {
  readonly summary: string
  /** Printed by `tidegate COMMAND --help`, and after a mistake in its words. */
  readonly usage: string
  /** @throws UsageError for wrong words, OperatorError for what failed */
  run(argv: readonly string[], terminal: Terminal): Promise<void>
}

/** The flags that say where the data folder is, for commands that need nothing else of the configuration. */
export const storeFlags = { data: { type: 'string' }, config: { type: 'string' } } as const

export function loadStoreConfig(
  flags: { readonly data?: string; readonly config?: string },
  terminal: Terminal,
): Config {
  const argv = [
    ...(flags.data === undefined ? [] : [`--data=${flags.data}`]),
    ...(flags.config === undefined ? [] : [`--config=${flags.config}`]),
  ]
  return loadConfig({ argv, env: terminal.env, cwd: terminal.cwd })
}
