import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { listen, serveBlob } from './blob-server-double.ts'
import { type Download, download } from './download.ts'

const blob = Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * 7919) % 251))
const sha256 = createHash('sha256').update(blob).digest('hex')

let folder: string
let to: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tidegate-download-'))
  to = join(folder, 'models', 'm.gguf')
})
afterEach(() => rmSync(folder, { recursive: true }))

const fetchTo = (url: string, order: Partial<Download> = {}) =>
  download({ url: `${url}/m.gguf`, to, sha256, bytes: blob.length, retryMs: 1, ...order })
const partialPath = () => `${to}.${sha256.slice(0, 12)}.partial`

test('a file arrives whole, with its progress told, and nothing else is left', async () => {
  const { url } = await serveBlob(blob)
  const seen: number[] = []
  const onProgress = (done: number, total: number | undefined) => seen.push(done) && expect(total).toBe(blob.length)
  expect(await fetchTo(url, { onProgress })).toEqual({ verified: true, resumedAt: 0 })
  expect(readFileSync(to).equals(blob)).toBe(true)
  expect(readdirSync(join(to, '..'))).toEqual(['m.gguf'])
  expect(seen).toEqual(seen.toSorted((a, b) => a - b))
  expect(seen.at(-1)).toBe(blob.length)
})

describe('an interrupted download', () => {
  test('goes on by itself from the byte where it was cut, as often as it brings something', async () => {
    const { url, ranges, cut } = await serveBlob(blob, { stalls: Array(5).fill(50_000) })
    await fetchTo(url, { onProgress: (done) => done % 50_000 === 0 && cut() })
    expect(readFileSync(to).equals(blob)).toBe(true)
    expect(ranges()).toEqual(['all', ...[50, 100, 150, 200, 250].map((thousands) => `bytes=${thousands}000-`)])
  })

  test('goes on in the next run, from what lies there', async () => {
    const down = await listen((_request, response) => response.destroy())
    writePartial(blob.subarray(0, 120_000))
    await expect(fetchTo(down)).rejects.toThrow(/kept; the same command goes on/)
    const { url, ranges } = await serveBlob(blob)
    expect(await fetchTo(url)).toEqual({ verified: true, resumedAt: 120_000 })
    expect(ranges()).toEqual(['bytes=120000-'])
  })

  test('starts over at a server that knows no ranges, or answers another one', async () => {
    for (const behaviour of [{ ignoresRanges: true }, { rangeStart: 7 }]) {
      writePartial(blob.subarray(0, 120_000))
      const { url } = await serveBlob(blob, behaviour)
      await fetchTo(url)
      expect(readFileSync(to).equals(blob)).toBe(true)
    }
  })

  test('needs no request when everything lies there, and starts over when too much does', async () => {
    const { url, requests } = await serveBlob(blob)
    writePartial(blob)
    await fetchTo(url)
    expect(requests).toHaveLength(0)
    writePartial(Buffer.concat([blob, blob]))
    await fetchTo(url)
    expect(readFileSync(to).equals(blob)).toBe(true)
  })

  test('waits out a busy server, and gives up one that never brings a byte', async () => {
    const busy = await serveBlob(blob, { statuses: [503, 429] })
    await fetchTo(busy.url)
    const never = await serveBlob(blob, { statuses: Array(9).fill(503) })
    await expect(fetchTo(never.url, { to: `${to}2` })).rejects.toThrow('answered with status 503')
    expect(never.requests).toHaveLength(4)
  })
})

test('what has the wrong hash is removed, so that the next run starts over', async () => {
  const { url } = await serveBlob(Buffer.from(blob.map((byte) => byte ^ 1)))
  await expect(fetchTo(url)).rejects.toThrow(/SHA-256 is [0-9a-f]{64} instead of/)
  expect(readdirSync(join(to, '..'))).toEqual([])
})

test('a partial file that was damaged is found out by its hash', async () => {
  writePartial(Buffer.alloc(120_000, 1))
  const { url } = await serveBlob(blob)
  await expect(fetchTo(url)).rejects.toThrow(/SHA-256/)
  await fetchTo(url)
  expect(readFileSync(to).equals(blob)).toBe(true)
})

test('another size than the announced one is refused at once', async () => {
  const { url } = await serveBlob(blob.subarray(1))
  await expect(fetchTo(url)).rejects.toThrow('announced with 300000 bytes, and the server sends 299999')
})

test('without any hash the file is taken unchecked, and never resumed', async () => {
  const { url, ranges, cut } = await serveBlob(blob, { stalls: [1000] })
  const onProgress = (done: number) => done === 1000 && cut()
  expect(await download({ url: `${url}/m.gguf`, to, onProgress, retryMs: 1 })).toEqual({
    verified: false,
    resumedAt: 0,
  })
  expect(readFileSync(to).equals(blob)).toBe(true)
  expect(ranges()).toEqual(['all', 'all'])
})

test('the hash that the server names before it redirects is checked when no other is known', async () => {
  const store = await serveBlob(blob)
  const hub = (hash: string) =>
    listen((_request, response) =>
      response.writeHead(302, { location: `${store.url}/b`, 'x-linked-etag': `"${hash}"` }).end(),
    )
  expect(await download({ url: await hub(sha256), to })).toMatchObject({ verified: true })
  await expect(download({ url: await hub('0'.repeat(64)), to })).rejects.toThrow(/SHA-256/)
})

test('a credential goes to the first host only, and redirects come to an end', async () => {
  const store = await serveBlob(blob)
  const seen: (string | undefined)[] = []
  const hub: string = await listen((request, response) => {
    seen.push(request.headers.authorization)
    response.writeHead(302, { location: request.url === '/m.gguf' ? '/moved' : `${store.url}/b` }).end()
  })
  await fetchTo(hub, { authorization: 'Bearer hf_secret' })
  expect(seen).toEqual(['Bearer hf_secret', 'Bearer hf_secret'])
  expect(store.requests[0]?.headers.authorization).toBeUndefined()

  const loop = await listen((_request, response) => response.writeHead(302, { location: '/m.gguf' }).end())
  await expect(fetchTo(loop, { to: `${to}2` })).rejects.toThrow('redirects in circles')
  const strange = await listen((_request, response) =>
    response.writeHead(302, { location: 'file:///etc/passwd' }).end(),
  )
  await expect(fetchTo(strange, { to: `${to}3` })).rejects.toThrow('no web address')
})

test('a download that is aborted stops', async () => {
  const { url } = await serveBlob(blob, { stalls: [1000] })
  const controller = new AbortController()
  const onProgress = () => controller.abort()
  await expect(fetchTo(url, { signal: controller.signal, onProgress, retryMs: 60_000 })).rejects.toThrow(/abort/i)
})

function writePartial(bytes: Uint8Array) {
  rmSync(join(to, '..'), { recursive: true, force: true })
  mkdirSync(join(to, '..'))
  writeFileSync(partialPath(), bytes)
}
