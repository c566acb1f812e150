import { inflateRawSync } from 'node:zlib'

/** The parts of a ZIP file that are wanted, by the sizes that its index tells. */
export function partsOf(zip: Buffer, isWanted: (name: string) => boolean = () => true): Map<string, string> {
  const parts = new Map<string, string>()
  let at = zip.readUInt32LE(zip.length - 6)
  while (zip.readUInt32LE(at) === 0x02014b50) {
    const [size, nameLength, extraLength] = [at + 20, at + 28, at + 30].map((place, field) =>
      field === 0 ? zip.readUInt32LE(place) : zip.readUInt16LE(place),
    ) as [number, number, number]
    const start = zip.readUInt32LE(at + 42)
    const data = start + 30 + zip.readUInt16LE(start + 26) + zip.readUInt16LE(start + 28)
    const name = zip.toString('utf8', at + 46, at + 46 + nameLength)
    if (isWanted(name)) parts.set(name, inflateRawSync(zip.subarray(data, data + size)).toString())
    at += 46 + nameLength + extraLength
  }
  return parts
}
