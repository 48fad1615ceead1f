import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { type Client, clientOf } from './client.ts'
import { scratch } from './scratch.ts'

const root = join(import.meta.dirname, '../..')

/** The service as an operator starts it: a real process on a free port with a data folder of its own. */
export interface RunningService {
  readonly client: Client
  readonly process: ChildProcess
  readonly data: string
  /** Everything the process has written so far. */
  readonly stdout: () => string
  readonly stderr: () => string
  /** Runs another `tidegate` command on the same data folder and returns what it printed. */
  run(...args: readonly string[]): Promise<{ code: number | null; stdout: string; stderr: string }>
  /** SIGTERM, the end of the process, and its exit code; the data folder is removed. */
  stop(): Promise<number | null>
}

/** A start that is to fail. @returns what the process said and its exit code; one that gets ready instead is stopped. */
export async function tryToStart(
  args: readonly string[],
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const data = mkdtempSync(join(scratch, 'tidegate-test-'))
  const env = { ...process.env, TIDEGATE_DATA: data, TIDEGATE_BOOTSTRAP_KEY: bootstrapKey }
  const child = spawn(process.execPath, [join(root, 'bin/tidegate.js'), 'serve', '--port', '0', ...args], {
    cwd: data,
    env,
  })
  const out = { stdout: '', stderr: '' }
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    out.stderr += text
  })
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out.stdout += text
    if (out.stdout.includes('tidegate ready')) child.kill('SIGTERM')
  })
  const [code] = await once(child, 'close')
  rmSync(data, { recursive: true, force: true })
  return { code, ...out }
}

export const bootstrapKey = `sk-${'test0123'.repeat(6)}`

/** @throws when the process ends before it is ready, with what it wrote to stderr. */
export async function startProcess(
  args: readonly string[] = [],
  environment: Readonly<Record<string, string>> = {},
): Promise<RunningService> {
  const data = mkdtempSync(join(scratch, 'tidegate-test-'))
  const env = { ...process.env, TIDEGATE_DATA: data, TIDEGATE_BOOTSTRAP_KEY: bootstrapKey, ...environment }
  const tidegate = (command: readonly string[]) =>
    spawn(process.execPath, [join(root, 'bin/tidegate.js'), ...command], { cwd: root, env })
  const child = tidegate(['serve', '--port', '0', ...args])
  let stdout = ''
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  const origin = await new Promise<string>((resolve, reject) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text
      const ready = /^tidegate ready (http:\S+)$/m.exec(stdout)
      if (ready?.[1]) resolve(ready[1])
    })
    child.once('exit', (code) => reject(new Error(`tidegate ended with ${code} before it was ready:\n${stderr}`)))
  })
  return {
    client: clientOf(origin, bootstrapKey),
    process: child,
    data,
    stdout: () => stdout,
    stderr: () => stderr,
    async run(...command) {
      const other = tidegate(command)
      const out = { stdout: '', stderr: '' }
      other.stdout.setEncoding('utf8').on('data', (text: string) => {
        out.stdout += text
      })
      other.stderr.setEncoding('utf8').on('data', (text: string) => {
        out.stderr += text
      })
      const [code] = await once(other, 'close')
      return { code, ...out }
    },
    async stop() {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGTERM')
        await once(child, 'exit')
      }
      rmSync(data, { recursive: true, force: true })
      return child.exitCode
    },
  }
}
