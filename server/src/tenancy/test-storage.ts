/** A data folder for one test, and as many openings of it as the test wants: each stands for a process. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { openStorage, type Storage } from '../storage/storage.ts'

export function temporaryFolder(): { readonly path: string; open(): Promise<Storage> } {
  const path = mkdtempSync(join(tmpdir(), 'tidegate-tenancy-'))
  const opened: Storage[] = []
  onTestFinished(async () => {
    for (const storage of opened) await storage.close()
    rmSync(path, { recursive: true })
  })
  return {
    path,
    async open() {
      const storage = await openStorage(path)
      opened.push(storage)
      return storage
    },
  }
}
