/**
 * Which processes that share the data folder are alive. Each holds a lock on a file of its own for as long as it lives; the
 * kernel lets go of it with the process, however that ends, so that nobody is taken for dead who is slow, nor the reverse.
 */
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

const folderOf = (data: string) => join(data, 'nodes')

export interface Alive {
  /** Says it again if the file was taken away; to be called now and then. */
  stay(): void
  end(): void
}

/** Says for as long as this process lives, or until `end`, that the node is alive. */
export function comeAlive(data: string, node: string): Alive {
  const path = join(folderOf(data), node)
  const take = () => {
    mkdirSync(folderOf(data), { recursive: true, mode: 0o700 })
    // Locked first and named then: nobody may find it unlocked.
    const aside = join(folderOf(data), `.${node}`)
    const locked = new DatabaseSync(aside)
    locked.exec('begin exclusive')
    renameSync(aside, path)
    return locked
  }
  let lock = take()
  return {
    stay() {
      if (existsSync(path)) return
      try {
        const before = lock
        lock = take()
        before.close()
      } catch {
        // No folder can be made at the moment; the next call tries again.
      }
    },
    end() {
      lock.close()
      rmSync(path, { force: true })
    },
  }
}

/** @returns the nodes that are named in the folder, dead or alive */
export const knownNodes = (data: string): readonly string[] => {
  try {
    return readdirSync(folderOf(data)).filter((node) => !node.startsWith('.'))
  } catch {
    // Somebody took the folder away; whoever lives makes it again.
    return []
  }
}

/** @returns the nodes that are dead; `bury` when nothing of them is left to do. Never asks about `own`: its lock would be lost. */
export function deadNodes(data: string, own: string): readonly { readonly node: string; bury(): void }[] {
  return knownNodes(data)
    .filter((node) => node !== own && !isAlive(join(folderOf(data), node)))
    .map((node) => ({ node, bury: () => rmSync(join(folderOf(data), node), { force: true }) }))
}

/** For a process that is no node itself. */
export const isServed = (data: string): boolean => knownNodes(data).some((node) => isAlive(join(folderOf(data), node)))

function isAlive(path: string): boolean {
  let lock: DatabaseSync | undefined
  try {
    lock = new DatabaseSync(path, { timeout: 0 })
    lock.exec('begin exclusive')
    return false
  } catch {
    return true
  } finally {
    lock?.close()
  }
}
