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
