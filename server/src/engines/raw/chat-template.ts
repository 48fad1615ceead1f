import { Template } from '@huggingface/jinja'
import { ServeError } from '../../completion/failure.ts'

/** A compiled chat template. @throws ServeError invalid-request with the template's own reason when it refuses the messages */
export type ChatTemplate = (variables: Readonly<Record<string, unknown>>) => string

/** @throws Error if the template is not Jinja that we can read. */
export function compileTemplate(source: string): ChatTemplate {
  const template = compile(source)
  return (variables) => {
    try {
      return template.render(variables)
    } catch (error) {
      throw new ServeError(
        {
          code: 'invalid-request',
          message: `The model's chat template does not accept these messages: ${reasonOf(error)}`,
          param: 'messages',
        },
        { cause: error },
      )
    }
  }
}

function compile(source: string): Template {
  try {
    return new Template(source)
  } catch (error) {
    throw new Error(`The model's chat template cannot be read: ${reasonOf(error)}`, { cause: error })
  }
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
