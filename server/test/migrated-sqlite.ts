/** Before all tests: a SQLite database with all tables and nothing in them. It is copied in a third of the time that its tables take. */
import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { openDatabase } from '../src/storage/storage.ts'
import { scratch } from './scratch.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** The file. */
    readonly migratedSqlite: string
  }
}

const data = mkdtempSync(join(scratch, 'tidegate-migrated-'))

export async function setup({ provide }: TestProject): Promise<void> {
  await (await openDatabase({ data })).close()
  provide('migratedSqlite', join(data, 'tidegate.db'))
}

export const teardown = (): void => rmSync(data, { recursive: true, force: true })
