/** Pictures of pages as small files: a palette of 256 colours, which is all that a page without photographs needs. */
import { crc32, deflateSync, inflateSync } from 'node:zlib'

interface Picture {
  readonly width: number
  readonly height: number
  /** 0xRRGGBB, row by row. */
  readonly pixels: Uint32Array
}

/** @param png 8 bits for each of red, green and blue, with or without opacity, as Chromium writes it */
export function toPalette(png: Buffer): Buffer {
  const picture = decode(png)
  const { palette, indexOf } = paletteOf(picture.pixels)
  return encode(picture, palette, indexOf)
}

const signature = Buffer.from('89504e470d0a1a0a', 'hex')

function decode(png: Buffer): Picture {
  const data: Buffer[] = []
  let header: Buffer = Buffer.alloc(0)
  for (let at = signature.length; at < png.length; ) {
    const length = png.readUInt32BE(at)
    const type = png.toString('latin1', at + 4, at + 8)
    const body = png.subarray(at + 8, at + 8 + length)
    if (type === 'IHDR') header = body
    if (type === 'IDAT') data.push(body)
    at += length + 12
  }
  const [width, height, channels] = [header.readUInt32BE(0), header.readUInt32BE(4), header[9] === 6 ? 4 : 3]
  const raw = unfiltered(inflateSync(Buffer.concat(data)), width * channels, height, channels)
  const pixels = Uint32Array.from({ length: width * height }, (_, i) => raw.readUIntBE(i * channels, 3))
  return { width, height, pixels }
}

/** Each row says how it was written down: as the difference to its left, to the row above, or to both. */
function unfiltered(lines: Buffer, stride: number, height: number, channels: number): Buffer {
  const out = Buffer.alloc(stride * height)
  for (let y = 0; y < height; y++) {
    const filter = lines[y * (stride + 1)]
    for (let x = 0; x < stride; x++) {
      const at = y * stride + x
      const left = x >= channels ? (out[at - channels] ?? 0) : 0
      const above = y > 0 ? (out[at - stride] ?? 0) : 0
      const corner = x >= channels && y > 0 ? (out[at - stride - channels] ?? 0) : 0
      const guess = [0, left, above, (left + above) >> 1, paeth(left, above, corner)][filter ?? 0] ?? 0
      out[at] = (lines[y * (stride + 1) + 1 + x] ?? 0) + guess
    }
  }
  return out
}

function paeth(left: number, above: number, corner: number): number {
  const [a, b, c] = [Math.abs(above - corner), Math.abs(left - corner), Math.abs(left + above - 2 * corner)]
  return a <= b && a <= c ? left : b <= c ? above : corner
}

/** The most frequent colours stay as they are; of the others those that are farthest from what is there, for how often they are seen. */
function paletteOf(pixels: Uint32Array) {
  const counts = new Map<number, number>()
  for (const pixel of pixels) counts.set(pixel, (counts.get(pixel) ?? 0) + 1)
  const sorted = [...counts].toSorted(([a, m], [b, n]) => n - m || a - b).map(([colour]) => colour)
  const palette = sorted.slice(0, frequentMax)
  const left = sorted.slice(frequentMax).map((colour) => ({
    colour,
    count: counts.get(colour) ?? 0,
    apart: distance(colour, palette[nearest(colour, palette)] ?? 0),
  }))
  while (palette.length < 256 && left.length > 0) {
    const [next] = left.reduce((best, one) => (one.count * one.apart > best[0].count * best[0].apart ? [one] : best), [
      left[0],
    ] as [(typeof left)[number]])
    if (next.apart === 0) break
    palette.push(next.colour)
    for (const one of left) one.apart = Math.min(one.apart, distance(one.colour, next.colour))
  }
  return { palette, indexOf: new Map(sorted.map((colour) => [colour, nearest(colour, palette)])) }
}

const frequentMax = 96

function distance(a: number, b: number): number {
  const red = (a >> 16) - (b >> 16)
  const green = ((a >> 8) & 255) - ((b >> 8) & 255)
  const blue = (a & 255) - (b & 255)
  return red * red + green * green + blue * blue
}

function nearest(colour: number, palette: readonly number[]): number {
  let [best, apart] = [0, Infinity]
  for (const [i, one] of palette.entries()) {
    const far = distance(colour, one)
    if (far < apart) [best, apart] = [i, far]
  }
  return best
}

function encode({ width, height, pixels }: Picture, palette: readonly number[], indexOf: ReadonlyMap<number, number>) {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([8, 3], 8)
  const lines = Buffer.alloc((width + 1) * height)
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) lines[y * (width + 1) + 1 + x] = indexOf.get(pixels[y * width + x] ?? 0) ?? 0
  const colours = Buffer.from(palette.flatMap((colour) => [colour >> 16, (colour >> 8) & 255, colour & 255]))
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('PLTE', colours),
    chunk('IDAT', deflateSync(lines, { level: 9, memLevel: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

function chunk(type: string, body: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), body])
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)]
  length.writeUInt32BE(body.length)
  sum.writeUInt32BE(crc32(named))
  return Buffer.concat([length, named, sum])
}
