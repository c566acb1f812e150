import { printableBytes, printableText } from 'shardyard/src/util/printable-bytes'

test.each([
  ['a\tb\r\nc', 'a\\tb\\r\\nc'],
  ['\u0007\u0000\u009f', '\\x07\\x00\\x9f'],
  ['abc\u202edef\ufeff', 'abc\\u202edef\\ufeff'],
  ['Çağla 日本 😀', 'Çağla 日本 😀'],
])('the text %j is shown as %s', (text, shown) => {
  expect(printableText(text)).toBe(shown)
})

test.each([
  [Buffer.from([0x41, 0xe9, 0x42]), 'A\\xe9B'],
  [Buffer.from([0xc3, 0xa9, 0xc3]), 'é\\xc3'],
  [Buffer.from('\ufffd is a character', 'utf8'), '\ufffd is a character'],
  [Buffer.from([0xf0, 0x9f, 0x98, 0x80, 0xff]), '😀\\xff'],
])('the bytes %p are shown as %s', (bytes, shown) => {
  expect(printableBytes(bytes, new TextDecoder().decode(bytes), 100)).toBe(shown)
})

test('bytes of another encoding are shown as they were read', () => {
  const bytes = Buffer.from([0xdd, 0x0a])
  expect(printableBytes(bytes, new TextDecoder('windows-1254').decode(bytes), 100)).toBe('İ\\n')
})

test.each([
  ['😀😀😀', 2, '😀😀…'],
  ['😀😀', 2, '😀😀'],
  ['a\nb', 2, 'a\\n…'],
])('%j is cut after %i characters', (text, max, shown) => {
  expect(printableText(text, max)).toBe(shown)
  expect(printableBytes(Buffer.from(text), text, max)).toBe(shown)
})

test('broken bytes are cut as well', () => {
  const bytes = Buffer.from([0xff, 0xfe, 0x41])
  expect(printableBytes(bytes, new TextDecoder().decode(bytes), 2)).toBe('\\xff\\xfe…')
})
