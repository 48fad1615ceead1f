/** Starts processes on a core, and reads what they cost from /proc. */
import { type ChildProcess, spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'

export interface Started {
  readonly pid: number
  /** What it has printed so far. */
  readonly output: () => string
  stop(): Promise<void>
}

/** Gateways have a core of their own; the load and the engine share the other one. */
export const cores = { gateway: '0', others: '1' } as const

/** A run that is broken off leaves none of them behind. */
const running = new Set<ChildProcess>()
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => {
    for (const child of running) child.kill('SIGTERM')
    // As it would have ended without us.
    process.kill(process.pid, signal)
  })

function noted<Child extends ChildProcess>(child: Child): Child {
  running.add(child)
  child.once('exit', () => running.delete(child))
  return child
}

/** @param core absent: any  @param hear hears all that it prints, piece by piece */
export function startOn(
  core: string | undefined,
  command: readonly string[],
  env: NodeJS.ProcessEnv = {},
  hear: (text: string) => void = () => undefined,
): Started {
  const [file, args] = pinned(core, command)
  const child = noted(spawn(file, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] }))
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-20_000)
      hear(text)
    })
  return {
    pid: child.pid ?? 0,
    output: () => output,
    stop: () => stopped(child),
  }
}

export function pinned(core: string | undefined, command: readonly string[]): [file: string, args: string[]] {
  const [file = '', ...args] = core === undefined ? command : ['taskset', '-c', core, ...command]
  return [file, args]
}

function stopped(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve()
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), 3_000)
  return gone.finally(() => clearTimeout(timer))
}

/** @returns everything that the command printed on its standard output */
export async function runOn(core: string | undefined, command: readonly string[]): Promise<string> {
  const [file, args] = pinned(core, command)
  const child = noted(spawn(file, args, { stdio: ['ignore', 'pipe', 'inherit'] }))
  let output = ''
  for await (const text of child.stdout.setEncoding('utf8')) output += text
  return output
}

/** The process and all that came of it. */
function family(pid: number): readonly number[] {
  try {
    const children = readdirSync(`/proc/${pid}/task`).flatMap((task) =>
      readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number),
    )
    return [pid, ...children.flatMap(family)]
  } catch {
    return []
  }
}

const ticksPerSecond = 100

/** Microseconds of CPU that a process, its threads and its children have had. */
export const cpuOf = (pid: number): number =>
  family(pid).reduce((sum, one) => {
    const fields = readFileSync(`/proc/${one}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ')
    // utime and stime, and those of children that are gone.
    return sum + ([11, 12, 13, 14].reduce((ticks, i) => ticks + Number(fields[i]), 0) * 1e6) / ticksPerSecond
  }, 0)

/** Resident megabytes, what is shared counted by halves. */
export const memoryOf = (pid: number): number =>
  family(pid).reduce((sum, one) => {
    const kilobytes = /^Pss: +(\d+)/m.exec(readFileSync(`/proc/${one}/smaps_rollup`, 'utf8'))?.[1]
    return sum + Number(kilobytes ?? 0) / 1024
  }, 0)
