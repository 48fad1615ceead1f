import { createSecretKey } from 'node:crypto'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { expect, test } from 'vitest'
import { fingerprintOf, subkey } from './secret.ts'

const hex = (purpose: string, fill: number) =>
  subkey(createSecretKey(Buffer.alloc(32, fill)), purpose)
    .export()
    .toString('hex')

test('a subkey belongs to one secret and one purpose, and is the same tomorrow', () => {
  expect(hex('a', 1)).toBe(hex('a', 1))
  expect(new Set([hex('a', 1), hex('b', 1), hex('a', 2)]).size).toBe(3)
  expect(fingerprintOf(createSecretKey(Buffer.alloc(32, 1)))).toMatch(/^[0-9a-f]{16}$/)
})

test('whoever makes the secret at the same moment gets the same one', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tidegate-secret-'))
  const rounds = 60
  const threads = 2
  const arrived = new SharedArrayBuffer(4)
  // Each round all threads wait for the last one, and then open the same file at once.
  const racer = `
    const { parentPort, workerData } = require('node:worker_threads')
    import(workerData.module).then(({ openSecret }) => {
      const arrived = new Int32Array(workerData.arrived)
      const secrets = []
      for (let round = 1; round <= workerData.rounds; round++) {
        Atomics.add(arrived, 0, 1)
        while (Atomics.load(arrived, 0) < round * workerData.threads);
        secrets.push(openSecret(workerData.folder + '/secret-' + round).export().toString('hex'))
      }
      parentPort.postMessage(secrets)
    })`
  const workerData = { module: join(import.meta.dirname, 'secret.ts'), folder, rounds, threads, arrived }
  const race = () =>
    new Promise<string[]>((done, failed) => {
      new Worker(racer, { eval: true, workerData }).once('message', done).once('error', failed)
    })
  const [first, ...others] = await Promise.all(Array.from({ length: threads }, race))
  for (const other of others) expect(other).toEqual(first)
  expect(new Set(first).size).toBe(rounds)
  expect(readdirSync(folder)).toHaveLength(rounds)
  rmSync(folder, { recursive: true })
})
