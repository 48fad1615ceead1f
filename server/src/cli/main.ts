/** `tidegate`: picks the subcommand. Exit codes: 0 done, 1 failed, 2 not understood. */
import { UsageError } from '../lib/flags.ts'
import { nearest } from '../lib/nearest.ts'
import { OperatorError } from '../lib/operator-error.ts'
import { version } from '../lib/version.ts'
import { admin } from './admin.ts'
import { backup } from './backup.ts'
import { check } from './check.ts'
import type { Command, Terminal } from './command.ts'
import { keys } from './keys.ts'
import { ledger } from './ledger.ts'
import { projects } from './projects.ts'
import { pull } from './pull.ts'
import { requests } from './requests.ts'
import { restore } from './restore.ts'
import { schema } from './schema.ts'
import { serve } from './serve.ts'
import { tenants } from './tenants.ts'
import { usage } from './usage.ts'
import { users } from './users.ts'

const commands: Readonly<Record<string, Command>> = {
  serve,
  keys,
  users,
  tenants,
  projects,
  ledger,
  requests,
  usage,
  admin,
  backup,
  restore,
  check,
  pull,
  schema,
}

const processTerminal: Terminal = {
  env: process.env,
  cwd: process.cwd(),
  print: (line) => process.stdout.write(`${line}\n`),
  tell: (line) => process.stderr.write(`${line}\n`),
  overwrite: (line) => process.stderr.write(`\r\u001b[K${line}`),
  interactive: process.stderr.isTTY === true,
  colours: process.stdout.isTTY === true && !process.env.NO_COLOR && process.env.TERM !== 'dumb',
}

/** @returns the exit code */
export async function run(argv: readonly string[], terminal: Terminal = processTerminal): Promise<number> {
  const [word, ...rest] = argv
  if (word === undefined || word === '--help' || word === '-h' || word === 'help') {
    terminal.print(help())
    return 0
  }
  if (word === '--version' || word === '-v') {
    terminal.print(version)
    return 0
  }
  const command = Object.hasOwn(commands, word) ? commands[word] : undefined
  if (!command) {
    const meant = nearest(word, Object.keys(commands))
    terminal.tell(`There is no command '${word}'.${meant ? ` Did you mean '${meant}'?` : ''} See: tidegate --help`)
    return 2
  }
  if (rest.includes('--help') || rest.includes('-h')) {
    terminal.print(command.usage)
    return 0
  }
  try {
    await command.run(rest, terminal)
    return 0
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error
    terminal.tell(error.message)
    if (error instanceof UsageError) terminal.tell(`\n${command.usage}`)
    return error.exitCode
  }
}

function help(): string {
  const width = Math.max(...Object.keys(commands).map((name) => name.length))
  const lines = Object.entries(commands).map(([name, { summary }]) => `  ${name.padEnd(width)}  ${summary}`)
  return [
    'Usage: tidegate COMMAND [OPTIONS]',
    '',
    ...lines,
    '',
    'tidegate COMMAND --help tells more; so does --version.',
  ].join('\n')
}
