import { createContext, Script } from 'node:vm'

const script = new Script('run()')
/** What the script sees; one for all, since making one takes milliseconds. */
const globals: { run?: () => void } = {}
const context = createContext(globals)

/**
 * Runs a synchronous function for at most `ms`, during which nothing else can run. For work whose length somebody else decides; it
 * costs a thread that watches, some 0.2 ms.
 * @returns undefined when the time was over
 */
export function withinTime<T>(ms: number, run: () => T): { readonly result: T } | undefined {
  let result: { readonly result: T } | undefined
  const keepResult = () => {
    result = { result: run() }
  }
  globals.run = keepResult
  try {
    script.runInContext(context, { timeout: ms })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error
  } finally {
    delete globals.run
  }
  return result
}
