import { parseFlags, UsageError } from '../lib/flags.ts'
import type { Command } from './command.ts'

export const check: Command = {
  summary: 'Tell what a server keeps of the contract, with and without Tidegate in front.',
  usage: `Usage: tidegate check URL [--model NAME] [OPTIONS]   any server that speaks OpenAI's chat completions
       tidegate check ENGINE [OPTIONS]               an engine of tidegate.yaml, by its id

  --model NAME       the model to ask (default for a URL: the only one that it lists)
  --key-env NAME     the variable of the environment that holds the key (default TIDEGATE_CHECK_KEY)
  --key-file FILE    a file that holds the key
  --through          also put a Tidegate of its own in front, and show both (the default for an engine)
  --direct           ask the server alone
  --kind KIND        what Tidegate takes the server of a URL for (default openai)
  --only T20,T30     these checks alone
  --json[=FILE]      the report as JSON, in place of the table; with a file, beside it
  --timeout SECONDS  for one request (default 120)
  --seconds SECONDS  for the whole run (default 3600)
  --config FILE      as for tidegate serve

It sends some 300 small requests, one after the other. ✓ kept, ✗ broken, ? cannot be told from outside, – not offered.
Exit code: 0 nothing is broken, 1 something is, 2 it could not be checked. With both columns, Tidegate's decides.`,

  async run(argv, terminal) {
    const flags = flagsOf(argv)
    // Loaded late: the other commands do not wait for the service and its engines.
    const { runCheck } = await import('./check-run.ts')
    await runCheck(flags, terminal)
  },
}

export interface CheckFlags {
  /** A URL or the id of an engine. */
  readonly subject: string
  readonly model?: string
  readonly kind?: string
  readonly keyFile?: string
  readonly keyEnv?: string
  readonly config?: string
  readonly through?: boolean
  readonly only?: readonly string[]
  /** Empty: to stdout. */
  readonly json?: string
  readonly timeout: number
  readonly seconds: number
}

function flagsOf(argv: readonly string[]): CheckFlags {
  const { values, positionals } = parseFlags(
    argv.map((word, index) => (word === '--json' && !/\.json$/.test(argv[index + 1] ?? '') ? '--json=' : word)),
    {
      model: { type: 'string' },
      kind: { type: 'string' },
      key: { type: 'string' },
      'key-file': { type: 'string' },
      'key-env': { type: 'string' },
      config: { type: 'string' },
      through: { type: 'boolean' },
      direct: { type: 'boolean' },
      only: { type: 'string' },
      json: { type: 'string' },
      timeout: { type: 'string' },
      seconds: { type: 'string' },
    },
    1,
  )
  const [subject] = positionals
  if (values.key !== undefined)
    throw new UsageError(
      'A key on the command line can be read by everybody on this machine: put it into TIDEGATE_CHECK_KEY, or name a file with --key-file.',
    )
  if (subject === undefined)
    throw new UsageError('Which server? Give its URL, or the id of an engine of tidegate.yaml.')
  if (values.through && values.direct) throw new UsageError('--through or --direct, not both.')
  return {
    subject,
    ...(values.model !== undefined && { model: values.model }),
    ...(values.kind !== undefined && { kind: values.kind }),
    ...(values['key-file'] !== undefined && { keyFile: values['key-file'] }),
    ...(values['key-env'] !== undefined && { keyEnv: values['key-env'] }),
    ...(values.config !== undefined && { config: values.config }),
    ...((values.through || values.direct) && { through: values.through === true }),
    ...(values.only !== undefined && { only: values.only.split(',').map((id) => id.trim()) }),
    ...(values.json !== undefined && { json: values.json }),
    timeout: secondsIn(values.timeout, '--timeout', 120),
    seconds: secondsIn(values.seconds, '--seconds', 3_600),
  }
}

function secondsIn(text: string | undefined, flag: string, otherwise: number): number {
  if (text === undefined) return otherwise
  const value = Number(text)
  if (!Number.isSafeInteger(value) || value < 1 || value > 86_400)
    throw new UsageError(`${flag} must be a whole number of seconds from 1 to 86400, not '${text}'.`)
  return value
}
