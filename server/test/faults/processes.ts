import { readdirSync, readFileSync } from 'node:fs'
import type { RunningService } from '../process.ts'

/** What the operating system knows of a running service. */

/** The engine's process that is at work now. */
export function engineOf({ stderr }: RunningService): number {
  const pids = [...stderr().matchAll(/"pid":(\d+),"contextWindow"/g)].map(([, pid]) => Number(pid))
  const last = pids.at(-1)
  if (!last) throw new Error('No engine has been ready yet.')
  return last
}

/** A process that has ended may be listed until somebody asks for its exit code. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch (error) {
    // Without /proc the signal alone has to do.
    return error instanceof Error && 'path' in error && process.platform !== 'linux'
  }
}

/** Open files and sockets; 0 where the system does not tell. */
export function filesOf(pid: number): number {
  try {
    return readdirSync(`/proc/${pid}/fd`).length
  } catch {
    return 0
  }
}

/** Resident memory; 0 where the system does not tell. */
export function residentBytesOf(pid: number): number {
  try {
    return 1024 * Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1])
  } catch {
    return 0
  }
}

/** How many files it may open; no end where the system does not tell. */
export function filesMaxOf(pid: number): number {
  try {
    return Number(/Max open files\s+(\d+)/.exec(readFileSync(`/proc/${pid}/limits`, 'utf8'))?.[1] ?? Infinity)
  } catch {
    return Infinity
  }
}
