import { type ChildProcess, fork } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { FromChild, ToChild } from './protocol.ts'

/** Variables that decide where libraries and devices are found. The child gets no others: no keys, no credentials. */
const INHERITED = /^(?:PATH|HOME|TMPDIR|TEMP|TMP|SystemRoot|LANG|LD_LIBRARY_PATH|DYLD_.*|CUDA_.*|NVIDIA_.*|HIP_.*|ROCR_.*|VK_.*|GGML_.*)$/i

/** Last words of native code. Other lines may hold text of a request (a grammar that does not parse) and are dropped. */
const LAST_WORDS = /GGML_ASSERT\(|terminate called|FATAL ERROR|out of memory/

/** Why a child is no more; for the log. */
export interface Death {
  readonly pid: number | undefined
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly lastWords?: string
}

/** One run of the engine's process. */
export class Child {
  readonly #process: ChildProcess
  readonly #dead: Promise<Death>
  #lastWords: string | undefined

  constructor(onMessage: (message: FromChild) => void, onDeath: (death: Death) => void) {
    const inherited = Object.entries(process.env).filter(([name]) => INHERITED.test(name))
    this.#process = fork(new URL('./worker.ts', import.meta.url), {
      serialization: 'advanced',
      execArgv: [],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      env: {
        ...Object.fromEntries(inherited),
        NODE_LLAMA_CPP_SKIP_DOWNLOAD: 'true',
        NODE_LLAMA_CPP_POSTINSTALL: 'skip',
      },
    })
    if (this.#process.stderr)
      createInterface({ input: this.#process.stderr }).on('line', (line) => {
        if (LAST_WORDS.test(line)) this.#lastWords = line.slice(0, 300)
      })
    this.#process.on('message', onMessage)
    const { promise, resolve } = Promise.withResolvers<Death>()
    this.#dead = promise
    const die = (code: number | null, signal: NodeJS.Signals | null) =>
      resolve({
        pid: this.#process.pid,
        code,
        signal,
        ...(this.#lastWords !== undefined && { lastWords: this.#lastWords }),
      })
    this.#process.on('exit', die)
    // It could not be started, or not be reached; the latter is followed by its end.
    this.#process.on('error', () => {
      if (this.#process.pid === undefined) die(null, null)
    })
    void this.#dead.then(onDeath)
  }

  get pid(): number | undefined {
    return this.#process.pid
  }

  send(message: ToChild): void {
    if (this.#process.connected) this.#process.send(message)
  }

  /** Ends it at once; it has nothing to save. */
  async kill(): Promise<void> {
    this.#process.kill('SIGKILL')
    await this.#dead
  }
}
