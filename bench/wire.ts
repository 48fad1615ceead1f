/** As much of HTTP/1.1 as the bench speaks itself, to be as light as can be on the other end. */

/** @returns where the body begins; -1 while the head is not whole */
export function headEnd(bytes: Buffer): number {
  const at = bytes.indexOf('\r\n\r\n')
  return at < 0 ? -1 : at + 4
}

export const bodyLength = (head: string): number => Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0)

/** Of the monotonic clock, which all processes of a machine share. */
export const microseconds = (): number => Math.round(Number(process.hrtime.bigint() / 1000n))

/** @returns the bytes of a request for a completion */
export function requestBytes(path: string, headers: Readonly<Record<string, string>>, body: string): Buffer {
  const all = {
    host: 'bench',
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(body)),
    ...headers,
  }
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`)
  return Buffer.from(`POST ${path} HTTP/1.1\r\n${lines.join('')}\r\n${body}`)
}
