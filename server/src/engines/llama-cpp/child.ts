import { fork } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { createInterface } from 'node:readline'
import type { FromChild, ToChild } from './protocol.ts'

/** Variables that decide where libraries and devices are found. The child gets no others: no keys, no credentials. */
const INHERITED =
  /^(?:PATH|HOME|TMPDIR|TEMP|TMP|SystemRoot|LANG|LD_LIBRARY_PATH|DYLD_.*|CUDA_.*|NVIDIA_.*|HIP_.*|ROCR_.*|VK_.*|GGML_.*|NODE_COMPILE_CACHE)$/i

/** Last words of native code. Other lines may hold text of a request (a grammar that does not parse) and are dropped. */
const LAST_WORDS = /GGML_ASSERT\(|terminate called|FATAL ERROR|out of memory/

/**
 * Threads that hand batches over and draw tokens, one job each time; llama.cpp's own compute beside them. More of them than cores wake each other
 * up: on two cores one is a tenth faster than four.
 */
const POOL_THREADS = Math.min(4, Math.ceil(availableParallelism() / 2))

/** Why a child is no more; for the log. */
export interface Death {
  readonly pid: number | undefined
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly lastWords?: string
}

/** One run of the engine's process. */
export interface Child {
  readonly pid: number | undefined
  /** Without effect once it is dead. */
  send(message: ToChild): void
  /** Ends it at once, for it has nothing to save; settles when it is dead. */
  kill(): Promise<void>
}

/** @param onDeath called once, whatever the reason. */
export function startChild(onMessage: (message: FromChild) => void, onDeath: (death: Death) => void): Child {
  const inherited = Object.entries(process.env).filter(([name]) => INHERITED.test(name))
  const child = fork(new URL('./worker.ts', import.meta.url), {
    serialization: 'advanced',
    // See `collectLitter` in litter.ts.
    execArgv: ['--expose-gc'],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    env: {
      ...Object.fromEntries(inherited),
      NODE_LLAMA_CPP_SKIP_DOWNLOAD: 'true',
      NODE_LLAMA_CPP_POSTINSTALL: 'skip',
      UV_THREADPOOL_SIZE: String(POOL_THREADS),
    },
  })
  let lastWords: string | undefined
  if (child.stderr)
    createInterface({ input: child.stderr }).on('line', (line) => {
      if (LAST_WORDS.test(line)) lastWords = line.slice(0, 300)
    })
  child.on('message', onMessage)
  const dead = Promise.withResolvers<Death>()
  const die = (code: number | null, signal: NodeJS.Signals | null) =>
    dead.resolve({ pid: child.pid, code, signal, ...(lastWords !== undefined && { lastWords }) })
  child.on('exit', die)
  child.on('error', () => {
    // It could not be started. Other errors, such as a message that did not reach it, are followed by its end.
    if (child.pid === undefined) die(null, null)
  })
  void dead.promise.then(onDeath)
  return {
    pid: child.pid,
    send: (message) => {
      if (child.connected) child.send(message)
    },
    kill: async () => {
      child.kill('SIGKILL')
      await dead.promise
    },
  }
}
