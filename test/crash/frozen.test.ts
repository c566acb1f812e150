import { requireEndAndResume } from '../commands/frozen-server'
import { ENGINES, type TestEngine } from '../helpers/engines'

const [, ...servers] = ENGINES as readonly [TestEngine, ...TestEngine[]]

describe.each(servers)('a server on $name that stops answering', (engine) => {
  test.each([
    ['orders', 'orders'],
    ['users', 'orders'],
    ['control', 'users'],
  ] as const)(
    '("%s", while "%s" is loaded) for longer than --wait ends the run, and the same command resumes it',
    (down, during) => requireEndAndResume(engine, { down, during }),
    120_000,
  )
})
