/** The server secret: 32 random bytes in a file of their own, from which every other key is derived. */
import type { KeyObject } from 'node:crypto'
import { createHmac, createSecretKey, hkdfSync, randomBytes } from 'node:crypto'
import { closeSync, fsyncSync, linkSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { OperatorError } from '../lib/operator-error.ts'

const secretBytes = 32

/**
 * Reads the secret, and makes it first where there is none. However many processes do so at once, all get the same one: it is
 * written aside and linked into place, which only the first can do. A `KeyObject` shows nothing of itself when it is printed.
 * @throws OperatorError when the file is not a secret of ours
 */
export function openSecret(path: string): KeyObject {
  const found = readIfThere(path) ?? makeSecret(path)
  if (found.length !== secretBytes)
    throw new OperatorError(
      `${path} is not a server secret: it has ${found.length} bytes instead of ${secretBytes}. Restore it from a backup.`,
    )
  return createSecretKey(found)
}

/** A key for one purpose only: who learns one learns nothing about another. */
export function subkey(secret: KeyObject, purpose: string): KeyObject {
  return createSecretKey(Buffer.from(hkdfSync('sha256', secret, '', `tidegate ${purpose}`, secretBytes)))
}

/** Recognises the secret without telling it. */
export function fingerprintOf(secret: KeyObject): string {
  return createHmac('sha256', subkey(secret, 'fingerprint')).digest('hex').slice(0, 16)
}

function makeSecret(path: string): Buffer {
  const aside = `${path}.${randomBytes(6).toString('hex')}`
  const file = openSync(aside, 'wx', 0o600)
  try {
    writeSync(file, randomBytes(secretBytes))
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  try {
    linkSync(aside, path)
  } catch (error) {
    if (!isCode(error, 'EEXIST')) throw error
  } finally {
    rmSync(aside)
  }
  return readFileSync(path)
}

function readIfThere(path: string): Buffer | undefined {
  try {
    return readFileSync(path)
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined
    throw error
  }
}

const isCode = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code
