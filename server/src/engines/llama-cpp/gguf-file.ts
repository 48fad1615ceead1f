import { createHash } from 'node:crypto'
import { type FileHandle, open } from 'node:fs/promises'

const MiB = 1024 * 1024
/** Up to here the digest covers the whole file; beyond, samples of it. */
const WHOLE = 64 * MiB
const SAMPLES = 64

/** @returns what is wrong with the file at first sight, as the end of a sentence that begins with its name. */
export async function checkGguf(path: string): Promise<string | undefined> {
  let file: FileHandle
  try {
    file = await open(path)
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    if (code === 'ENOENT') return 'does not exist.'
    return `cannot be opened (${code ?? 'unknown error'}).`
  }
  try {
    if ((await file.stat()).isDirectory()) return 'is a folder, not a GGUF file.'
    const { bytesRead, buffer } = await file.read(Buffer.alloc(4), 0, 4, 0)
    if (bytesRead < 4 || buffer.toString('latin1') !== 'GGUF') return 'is not a GGUF file.'
    return undefined
  } finally {
    await file.close()
  }
}

/**
 * 16 hex digits that tell weights apart: SHA-256 over the whole file up to 64 MiB; beyond, over its size and 64 samples of
 * 1 MiB, evenly spread from its first byte to its last, which cover the header and part of the tensors.
 */
export async function digestOf(path: string): Promise<string> {
  const file = await open(path)
  try {
    const { size } = await file.stat()
    const hash = createHash('sha256')
    const whole = size <= WHOLE
    const parts = whole ? Math.ceil(size / MiB) : SAMPLES
    const stride = whole ? MiB : (size - MiB) / (SAMPLES - 1)
    if (!whole) hash.update(String(size))
    for (let part = 0; part < parts; part++) {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(MiB), 0, MiB, Math.floor(part * stride))
      hash.update(buffer.subarray(0, bytesRead))
    }
    return hash.digest('hex').slice(0, 16)
  } finally {
    await file.close()
  }
}
