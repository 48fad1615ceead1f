import { type ParseArgsConfig, parseArgs } from 'node:util'
import { nearest } from './nearest.ts'
import { OperatorError } from './operator-error.ts'

/** A command that was not written as it should be, as opposed to one that failed. */
export class UsageError extends OperatorError {
  override readonly exitCode = 2
}

type Options = NonNullable<ParseArgsConfig['options']>
type Parsed<O extends Options> = ReturnType<
  typeof parseArgs<{ args: string[]; options: O; strict: true; allowPositionals: true }>
>

/**
 * `parseArgs` with errors for people.
 * @param positionals how many words may stand beside the flags
 * @throws UsageError
 */
export function parseFlags<const O extends Options>(
  argv: readonly string[],
  options: O,
  positionals = 0,
): Pick<Parsed<O>, 'values' | 'positionals'> {
  const parsed = parse(argv, options)
  const stray = parsed.positionals[positionals]
  if (stray !== undefined) throw new UsageError(`'${stray}' is not expected here.`)
  return parsed
}

function parse<const O extends Options>(argv: readonly string[], options: O): Parsed<O> {
  try {
    return parseArgs({ args: [...argv], options, strict: true, allowPositionals: true })
  } catch (error) {
    if (!(error instanceof Error)) throw error
    const unknown = /^Unknown option '(--?[^']+)'/.exec(error.message)?.[1]
    if (unknown === undefined) throw new UsageError(error.message, { cause: error })
    const meant = nearest(unknown.replace(/^-+/, ''), Object.keys(options))
    throw new UsageError(`There is no option ${unknown}.${meant ? ` Did you mean --${meant}?` : ''}`, { cause: error })
  }
}
