import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { listen, serveBlob } from '../lib/blob-server-double.ts'
import { run } from './main.ts'
import { parseReference } from './pull.ts'

const blob = Buffer.alloc(200_000, 'GGUF and what follows ')
const sha256 = createHash('sha256').update(blob).digest('hex')
const token = 'hf_theOperatorsOwnToken'

let cwd: string
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'tidegate-pull-'))
  vi.stubEnv('no_proxy', '127.0.0.1')
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(cwd, { recursive: true })
})

interface Listed {
  readonly path: string
  readonly oid?: string
}

/** A hub as Hugging Face's: lists in pages of two, is gated without the token, and redirects to another host for the bytes. */
async function startHub(files: readonly Listed[], { gated = false, blobUrl = '' } = {}) {
  const requests: IncomingMessage[] = []
  const entries = files.map(({ path, oid = sha256 }) => ({
    type: 'file',
    oid: 'b5c1',
    size: 135,
    path,
    lfs: { oid, size: blob.length, pointerSize: 135 },
  }))
  const all = [{ type: 'directory', oid: 'c0', size: 0, path: 'sub' }, ...entries]
  const endpoint: string = await listen((request, response) => {
    requests.push(request)
    const url = new URL(request.url ?? '', 'http://hub')
    if (gated && request.headers.authorization !== `Bearer ${token}`)
      return response.writeHead(401).end('{"error":"gated"}')
    if (url.pathname === '/api/models/acme/tiny-GGUF/tree/main' && url.searchParams.get('recursive') === 'true') {
      const from = Number(url.searchParams.get('cursor') ?? 0)
      url.searchParams.set('cursor', String(from + 2))
      const link = from + 2 < all.length ? { link: `<${endpoint}${url.pathname}${url.search}>; rel="next"` } : {}
      return response
        .writeHead(200, { 'content-type': 'application/json', ...link })
        .end(JSON.stringify(all.slice(from, from + 2)))
    }
    if (files.some(({ path }) => url.pathname === `/acme/tiny-GGUF/resolve/main/${path}`))
      return response.writeHead(302, { location: `${blobUrl}/blobs/x?signed=1`, 'x-linked-etag': `"${sha256}"` }).end()
    response.writeHead(404).end('{"error":"Repository not found"}')
  })
  return { endpoint, requests }
}

async function pull(args: readonly string[], env: Record<string, string>) {
  let stdout = ''
  let stderr = ''
  const print = (line: string) => {
    stdout += `${line}\n`
  }
  const tell = (line: string) => {
    stderr += `${line}\n`
  }
  const code = await run(['pull', ...args], {
    env,
    cwd,
    print,
    tell,
    overwrite: tell,
    interactive: false,
    colours: false,
  })
  return { code, stdout, stderr }
}

test('a file is fetched over the redirect, checked, and named on stdout; the second time nothing is fetched', async () => {
  const store = await serveBlob(blob)
  const hub = await startHub([{ path: 'README.md' }, { path: 'sub/tiny.Q4_K_M.gguf' }, { path: 'tiny.Q8_0.gguf' }], {
    blobUrl: store.url,
  })
  const env = { HF_ENDPOINT: `${hub.endpoint}/` }
  const first = await pull(['hf:acme/tiny-GGUF'], env)
  expect(first).toMatchObject({ code: 0, stdout: './models/tiny.Q4_K_M.gguf\n' })
  expect(first.stderr).toMatch(/100 % of 0\.2 MB\n.*is there\. Its SHA-256 is right\.\n.*npm start -- --model/s)
  expect(readFileSync(join(cwd, 'models', 'tiny.Q4_K_M.gguf')).equals(blob)).toBe(true)

  const second = await pull(['hf:acme/tiny-GGUF:tiny.Q4_K_M.gguf'], env)
  expect(second).toMatchObject({ code: 0, stderr: expect.stringContaining('already there, and whole') })
  expect(store.requests).toHaveLength(1)
})

test('a download that an earlier run left behind is resumed', async () => {
  const store = await serveBlob(blob)
  const hub = await startHub([{ path: 'tiny.gguf' }], { blobUrl: store.url })
  mkdirSync(join(cwd, 'elsewhere'))
  writeFileSync(join(cwd, 'elsewhere', `tiny.gguf.${sha256.slice(0, 12)}.partial`), blob.subarray(0, 70_000))
  const outcome = await pull(['hf:acme/tiny-GGUF', '--to', 'elsewhere'], { HF_ENDPOINT: hub.endpoint })
  expect(outcome.stderr).toContain('resumed at byte 70000')
  expect(store.ranges()).toEqual(['bytes=70000-'])
  expect(readdirSync(join(cwd, 'elsewhere'))).toEqual(['tiny.gguf'])
})

test('a gated model says so without a token; with one it comes, and the token goes to no other host and into no output', async () => {
  const store = await serveBlob(blob)
  const hub = await startHub([{ path: 'tiny.gguf' }], { gated: true, blobUrl: store.url })
  const without = await pull(['hf:acme/tiny-GGUF'], { HF_ENDPOINT: hub.endpoint })
  expect(without).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(/private or gated.*HF_TOKEN/) })
  const wrong = await pull(['hf:acme/tiny-GGUF'], { HF_ENDPOINT: hub.endpoint, HF_TOKEN: 'hf_wrongwrong' })
  expect(wrong.stderr).not.toContain('hf_wrongwrong')

  const withToken = await pull(['hf:acme/tiny-GGUF'], { HF_ENDPOINT: hub.endpoint, HF_TOKEN: token })
  expect(withToken.code).toBe(0)
  expect(withToken.stdout + withToken.stderr).not.toContain(token)
  expect(store.requests.map((request) => request.headers.authorization)).toEqual([undefined])
})

test('what is not there, and a hub that is none, are each one sentence', async () => {
  const hub = await startHub([{ path: 'tiny.gguf' }])
  expect(await pull(['hf:acme/other'], { HF_ENDPOINT: hub.endpoint })).toMatchObject({
    code: 1,
    stderr: `acme/other is not on ${hub.endpoint}.\n`,
  })
  const page = await listen((_request, response) => response.end('<html>'))
  expect((await pull(['hf:acme/other'], { HF_ENDPOINT: page })).stderr).toMatch(/does not list files/)
  expect((await pull(['hf:acme/other'], { HF_ENDPOINT: 'http://127.0.0.1:1' })).stderr).toMatch(
    /^127\.0\.0\.1:1 did not answer/,
  )
  expect(await pull(['hf:acme/other'], { HF_ENDPOINT: 'nowhere' })).toMatchObject({ code: 2 })
})

test('a listing that is cut, and a folder that cannot be written, are each one sentence too', async () => {
  const cut = await listen((_request, response) => {
    response.writeHead(200, { 'content-length': 100 })
    response.write('[{', () => response.destroy())
  })
  expect(await pull(['hf:acme/tiny-GGUF'], { HF_ENDPOINT: cut })).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^The connection was cut: .*\n$/),
  })
  const hub = await startHub([{ path: 'tiny.gguf' }])
  writeFileSync(join(cwd, 'models'), '')
  expect(await pull(['hf:acme/tiny-GGUF'], { HF_ENDPOINT: hub.endpoint })).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^E[A-Z]+: .*models.*\n$/),
  })
})

test('bytes that are not those of the listing are not kept', async () => {
  const store = await serveBlob(blob)
  const hub = await startHub([{ path: 'tiny.gguf', oid: '0'.repeat(64) }], { blobUrl: store.url })
  const outcome = await pull(['hf:acme/tiny-GGUF'], { HF_ENDPOINT: hub.endpoint })
  expect(outcome).toMatchObject({ code: 1, stderr: expect.stringContaining('SHA-256') })
  expect(readdirSync(join(cwd, 'models'))).toEqual([])
})

test('another file of the same name is left alone', async () => {
  const hub = await startHub([{ path: 'tiny.gguf' }])
  mkdirSync(join(cwd, 'models'))
  writeFileSync(join(cwd, 'models', 'tiny.gguf'), 'mine')
  expect((await pull(['hf:acme/tiny-GGUF'], { HF_ENDPOINT: hub.endpoint })).stderr).toContain('There is another file')
  expect(readFileSync(join(cwd, 'models', 'tiny.gguf'), 'utf8')).toBe('mine')
})

test('a listing that names a file outside its place is refused', async () => {
  for (const path of ['../../evil.gguf', 'a/..\\evil.gguf', '/evil.gguf']) {
    const hub = await startHub([{ path }])
    expect(await pull(['hf:acme/tiny-GGUF'], { HF_ENDPOINT: hub.endpoint })).toMatchObject({ code: 2, stdout: '' })
  }
  expect(existsSync(join(cwd, 'models'))).toBe(false)
})

test.each([
  '',
  'acme/tiny',
  'hf:acme',
  'hf:../x',
  'hf:acme/..',
  'hf:a/b/c',
  'hf:acme/tiny:',
  'hf:acme/tiny:../x',
  'hf:acme/tiny:a//b',
  'hf:acme/tiny:a\\b',
  'hf:acme/ti ny',
])('%j is no reference', (text) => {
  expect(() => parseReference(text)).toThrow(/hf:OWNER\/REPO|is not the path/)
})

test('a reference has a repository and perhaps a file', () => {
  expect(parseReference('hf:acme/tiny-GGUF')).toEqual({ repository: 'acme/tiny-GGUF', wanted: undefined })
  expect(parseReference('hf:a/b:sub/M-Q4_0.gguf')).toEqual({ repository: 'a/b', wanted: 'sub/M-Q4_0.gguf' })
})
