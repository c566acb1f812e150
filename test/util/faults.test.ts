import { faultPoints } from 'shardyard/src/util/faults'

describe('fault points', () => {
  test('do nothing unless they are asked for', () => {
    expect(() => faultPoints('')('write', 1)).not.toThrow()
    expect(() => faultPoints('write:2=throw')('commit', 2)).not.toThrow()
    expect(() => faultPoints('write:2=throw')('write', 3)).not.toThrow()
  })

  test('fire at a position, up to an attempt', () => {
    const fault = faultPoints('write:2=throw*1')
    expect(() => fault('write', 2)).toThrow('A fault that was asked for.')
    expect(() => fault('write', 2, 2)).not.toThrow()
    expect(() => faultPoints('write:2=throw')('write', 2, 9)).toThrow()
  })

  test('fire from the n-th time on', () => {
    const fault = faultPoints('commit=throw@3')
    for (const isLate of [false, false, true, true]) {
      if (isLate) expect(() => fault('commit')).toThrow()
      else expect(() => fault('commit')).not.toThrow()
    }
  })

  test('may be several', () => {
    const fault = faultPoints('a=throw,b:1=throw*2')
    expect(() => fault('a')).toThrow()
    expect(() => fault('b', 1, 2)).toThrow()
    expect(() => fault('b', 1, 3)).not.toThrow()
  })

  test.each(['write', 'write:x=exit', 'write=exit@', '=exit', 'write=exit*1@2', 'write=exit, b=exit'])(
    'that cannot be read (%s) are refused',
    (text) => {
      expect(() => faultPoints(text)).toThrow(/SHARDYARD_FAULTS: ".*" cannot be read/)
    },
  )

  test('of an action that does not exist say so', () => {
    expect(() => faultPoints('a=explode')('a')).toThrow('there is no action "explode"')
  })

  test('are refused in production', () => {
    const before = process.env['NODE_ENV']
    process.env['NODE_ENV'] = 'production'
    try {
      expect(() => faultPoints('a=exit')).toThrow('refused when NODE_ENV is production')
      expect(() => faultPoints('')).not.toThrow()
    } finally {
      process.env['NODE_ENV'] = before
    }
  })
})
