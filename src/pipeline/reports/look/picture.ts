/** Whether a file is a picture that a report can hold. */
import { inflateSync } from 'node:zlib'

const PNG = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
const SIZE_BYTES_MAX = 4 * 1024 * 1024
const SIDE_MAX = 4_000
/** Samples of a pixel by the colour type of PNG. */
const SAMPLES: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 }

/** What is wrong with a picture, as the end of a sentence; undefined when it can be used. A broken one would end the process later. */
export function tellPicture(bytes: Buffer): string | undefined {
  if (bytes.length > SIZE_BYTES_MAX) return `has ${bytes.length} bytes; at most ${SIZE_BYTES_MAX} are allowed`
  if (bytes.subarray(0, 8).equals(PNG)) return tellPng(bytes)
  if (bytes[0] === 0xff && bytes[1] === 0xd8) return tellJpeg(bytes)
  return 'is no PNG or JPEG file'
}

function tellPng(bytes: Buffer): string | undefined {
  const broken = 'is a PNG file that is broken'
  if (bytes.length < 33 || bytes.toString('latin1', 12, 16) !== 'IHDR') return broken
  const [width, height] = [bytes.readUInt32BE(16), bytes.readUInt32BE(20)]
  const [bits = 0, type = -1, , , interlace = 0] = bytes.subarray(24)
  const samples = SAMPLES[type]
  if (samples === undefined || width === 0 || height === 0) return broken
  if (width > SIDE_MAX || height > SIDE_MAX) return `is larger than ${SIDE_MAX} × ${SIDE_MAX} pixels`
  if (interlace !== 0) return 'is an interlaced PNG file; save it without interlacing'
  const expected = height * (1 + Math.ceil((width * bits * samples) / 8))
  try {
    const { packed, isWhole } = pixelsOf(bytes)
    const pixels = inflateSync(packed, { maxOutputLength: expected + 1 })
    return isWhole && pixels.length === expected ? undefined : broken
  } catch {
    return broken
  }
}

/** The packed pixels: what all IDAT chunks hold; whole when the last chunk is there too. */
function pixelsOf(bytes: Buffer): { readonly packed: Buffer; readonly isWhole: boolean } {
  const pieces: Buffer[] = []
  let isWhole = false
  for (let at = 8; at + 12 <= bytes.length && !isWhole; ) {
    const length = bytes.readUInt32BE(at)
    const name = bytes.toString('latin1', at + 4, at + 8)
    if (name === 'IDAT') pieces.push(bytes.subarray(at + 8, at + 8 + length))
    isWhole = name === 'IEND'
    at += length + 12
  }
  return { packed: Buffer.concat(pieces), isWhole }
}

/** Goes from marker to marker until the one that tells the size. */
function tellJpeg(bytes: Buffer): string | undefined {
  for (let at = 2; at + 9 < bytes.length && bytes[at] === 0xff; ) {
    const marker = bytes[at + 1] ?? 0
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)
    if (isFrame) {
      const [height, width] = [bytes.readUInt16BE(at + 5), bytes.readUInt16BE(at + 7)]
      if (height === 0 || width === 0) break
      return width > SIDE_MAX || height > SIDE_MAX ? `is larger than ${SIDE_MAX} × ${SIDE_MAX} pixels` : undefined
    }
    at += 2 + bytes.readUInt16BE(at + 2)
  }
  return 'is a JPEG file that is broken'
}
