import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { IncomingHttpHeaders } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliCompressSync, brotliDecompressSync, gzipSync } from 'node:zlib'
import { request } from 'undici'
import { expect, onTestFinished, test } from 'vitest'
import { clientReader } from './admin/client.ts'
import { startTestServer } from './http-fixture.ts'

const page = '<!doctype html><title>Tidegate</title>'
const script = 'console.log(1)'

async function serving({ isBuilt = true } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'tidegate-console-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const put = (name: string, bytes: string | Buffer) => writeFileSync(join(folder, name), bytes)
  const build = () => {
    mkdirSync(join(folder, 'assets'))
    put('index.html', page)
    put('assets/index-a1b2.js', script)
    put('assets/index-a1b2.js.br', brotliCompressSync(script))
    put('assets/index-a1b2.js.gz', gzipSync(script))
    put('stamp.txt', 'x')
  }
  if (isBuilt) build()
  const server = await startTestServer({
    console: { folder, clientOf: clientReader(['127.0.0.0/8']) },
  })
  const get = async (path: string, headers: IncomingHttpHeaders = {}) => {
    const answer = await request(`http://127.0.0.1:${server.port}${path}`, { headers })
    return { status: answer.statusCode, headers: answer.headers, body: Buffer.from(await answer.body.arrayBuffer()) }
  }
  return { get, build }
}

test('every page of the console is the one page, which is asked for anew each time', async () => {
  const { get } = await serving()
  for (const path of ['/console', '/console/', '/console/keys', '/console/requests/req_1?x=1']) {
    const { status, headers, body } = await get(path)
    expect([path, status, body.toString()]).toEqual([path, 200, page])
    expect(headers['content-type']).toBe('text/html; charset=utf-8')
    expect(headers['cache-control']).toBe('no-cache')
  }
  const { headers } = await get('/console/')
  const again = await get('/console/', { 'if-none-match': String(headers.etag) })
  expect([again.status, again.body.length]).toEqual([304, 0])
})

test('a page allows nothing from elsewhere, nothing inline and no frame', async () => {
  const { get } = await serving()
  const { headers } = await get('/console/')
  expect(headers['content-security-policy']).toBe(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; " +
      "manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  )
  expect(headers['x-content-type-options']).toBe('nosniff')
  expect(headers['referrer-policy']).toBe('no-referrer')
  expect(headers['strict-transport-security']).toBeUndefined()
  const behindTls = await get('/console/', { 'x-forwarded-proto': 'https' })
  expect(behindTls.headers['strict-transport-security']).toBe('max-age=31536000')
})

test('files go as small as the browser takes them, and stay for ever', async () => {
  const { get } = await serving()
  const path = '/console/assets/index-a1b2.js'
  const brotli = await get(path, { 'accept-encoding': 'gzip, deflate, br, zstd' })
  expect(brotli.headers['content-encoding']).toBe('br')
  expect(brotliDecompressSync(brotli.body).toString()).toBe(script)
  expect(brotli.headers['cache-control']).toBe('public, max-age=31536000, immutable')
  expect((await get(path, { 'accept-encoding': 'gzip' })).headers['content-encoding']).toBe('gzip')
  const plain = await get(path)
  expect([plain.headers['content-encoding'], plain.body.toString()]).toEqual([undefined, script])
  for (const answer of [brotli, plain]) expect(answer.headers.vary).toBe('Accept-Encoding')
})

test('what is not there is not there, wherever somebody looks for it', async () => {
  const { get } = await serving()
  for (const path of ['assets/none.js', '..%2f..%2fpackage.json', '%2e%2e/secret.txt', 'assets/index-a1b2.js.br'])
    expect([path, (await get(`/console/${path}`)).status]).toEqual([path, 404])
})

test('while there is no console yet, that is said, and it comes as soon as it is built', async () => {
  const { get, build } = await serving({ isBuilt: false })
  const before = await get('/console/')
  expect([before.status, before.body.toString()]).toEqual([404, expect.stringContaining('node console/build.ts')])
  build()
  expect((await get('/console/')).status).toBe(200)
})

test('whoever comes to the house is shown to the console', async () => {
  const { get } = await serving()
  const { status, headers } = await get('/')
  expect([status, headers.location]).toEqual([303, '/console/'])
})
