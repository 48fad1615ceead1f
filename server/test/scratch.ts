/**
 * Where tests keep data: in memory, where the machine has a file system there with room. Each commit waits for a disk else, some
 * milliseconds with nothing to do, and no test of ours cuts the power; what a killed process has written is there all the same.
 */
import { accessSync, constants, statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'

const memory = '/dev/shm'
/** Containers often have 64 MB there. */
const roomBytes = 2_000_000_000

export const scratch: string = isRoomy() ? memory : tmpdir()

function isRoomy(): boolean {
  try {
    accessSync(memory, constants.W_OK | constants.X_OK)
    const { bavail, bsize } = statfsSync(memory)
    return bavail * bsize >= roomBytes
  } catch {
    return false
  }
}
