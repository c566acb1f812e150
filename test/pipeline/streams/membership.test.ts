import { Membership } from 'shardyard/src/pipeline/streams/membership'

const LONG_MS = 60_000

describe('a claim on a partition', () => {
  test('holds for the partitions that were given to us, and no others', () => {
    const membership = new Membership(LONG_MS)
    expect(membership.claim(0).isOurs()).toBe(false)
    membership.join([0, 2])
    expect([0, 1, 2].map((partition) => membership.claim(partition).isOurs())).toEqual([true, false, true])
  })

  test('ends with its generation, even when the partition comes back', () => {
    const membership = new Membership(LONG_MS)
    membership.join([0])
    const claim = membership.claim(0)
    membership.lose()
    expect(claim.isOurs()).toBe(false)
    membership.join([0])
    expect(claim.isOurs()).toBe(false)
    expect(membership.claim(0).isOurs()).toBe(true)
  })

  test('is suspended while the group has not heard of us for too long', async () => {
    const membership = new Membership(30)
    membership.join([0])
    const claim = membership.claim(0)
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(claim.isOurs()).toBe(false)
    membership.beat()
    expect(claim.isOurs()).toBe(true)
  })
})
