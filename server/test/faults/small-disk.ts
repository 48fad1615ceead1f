/** Disks that a test can fill: a small file system of its own, or a limit on how long the files of a service may become. */
import { type ChildProcess, spawnSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

export interface SmallDisk {
  readonly folder: string
  /** What the process needs in its environment. */
  readonly environment: Readonly<Record<string, string>>
  /** From now on nothing grows. */
  fill(service: ChildProcess): void
  empty(service: ChildProcess): void
}

const run = (command: string, ...args: readonly string[]): string | undefined => {
  const { status, stderr, error } = spawnSync(command, args, { encoding: 'utf8' })
  return status === 0 ? undefined : `${command}: ${error?.message ?? stderr.trim()}`
}

/** @returns why there can be none, where nobody may mount anything */
export function smallFileSystem(): SmallDisk | string {
  const folder = mkdtempSync(join(tmpdir(), 'tidegate-disk-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const refused = run('mount', '-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', folder)
  if (refused !== undefined) return refused
  onTestFinished(() => void run('umount', '--lazy', folder))
  const filler = join(folder, 'filler')
  return {
    folder,
    environment: {},
    fill() {
      const file = openSync(filler, 'a')
      try {
        for (const size of [65_536, 1]) writeUntilFull(file, Buffer.alloc(size))
      } finally {
        closeSync(file)
      }
    },
    empty: () => rmSync(filler, { force: true }),
  }
}

function writeUntilFull(file: number, bytes: Uint8Array): void {
  try {
    for (;;) writeSync(file, bytes)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error
  }
}

/** @returns why there can be none, where no such limit can be set */
export function limitedFiles(): SmallDisk | string {
  const limit = (pid: number | undefined, soft: string) =>
    run('prlimit', '--pid', `${pid}`, `--fsize=${soft}:unlimited`)
  const refused = limit(process.pid, 'unlimited')
  if (refused !== undefined) return refused
  const folder = mkdtempSync(join(tmpdir(), 'tidegate-disk-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const set = ({ pid }: ChildProcess, soft: string) => {
    const workers = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean)
    for (const one of [pid, ...workers.map(Number)]) {
      const failed = limit(one, soft)
      if (failed !== undefined) throw new Error(failed)
    }
  }
  return {
    folder,
    // A process hears of the limit by a signal that would end it.
    environment: { NODE_OPTIONS: '--import "data:text/javascript,process.on(\'SIGXFSZ\',()=>{})"' },
    fill: (service) => set(service, '4096'),
    empty: (service) => set(service, 'unlimited'),
  }
}
