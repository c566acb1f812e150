// Posts events over raw keep-alive connections as fast as they are answered, to whichever server it is told: a message
// `{ port, seconds }` is answered by how many were answered a second, with which status, and how long the slowest took.
import { connect } from 'node:net'

const CONNECTIONS = 64
let number = 0

function request() {
  number += 1
  const event = {
    client: `client ${number % 50}`,
    metric: 'clicks',
    amount: `${number % 1000}.25`,
    timestamp: new Date(1_700_000_000_000 + number).toISOString(),
    trace: `${process.pid}-${number}`,
  }
  const body = JSON.stringify(event)
  return `POST /api/v1/events HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`
}

/** One connection, until the time is over. */
function client(port, until, { statuses, times }) {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1').setNoDelay(true).setEncoding('latin1')
    let text = ''
    let sentAt = 0
    const send = () => {
      if (performance.now() >= until) return resolve(socket.destroy())
      sentAt = performance.now()
      socket.write(request())
    }
    socket.on('error', reject).on('connect', send)
    socket.on('data', (part) => {
      text += part
      const head = text.indexOf('\r\n\r\n')
      if (head < 0) return
      const length = Number(/content-length: (\d+)/i.exec(text)?.[1] ?? 0)
      if (text.length < head + 4 + length) return
      const status = text.slice(9, 12)
      statuses[status] = (statuses[status] ?? 0) + 1
      times.push(performance.now() - sentAt)
      text = ''
      send()
    })
  })
}

async function storm({ port, seconds }) {
  const seen = { statuses: {}, times: [] }
  const startedAt = performance.now()
  const until = startedAt + seconds * 1000
  await Promise.all(Array.from({ length: CONNECTIONS }, () => client(port, until, seen)))
  const wallS = (performance.now() - startedAt) / 1000
  const times = seen.times.toSorted((a, b) => a - b)
  const at = (share) => Number(times[Math.floor(times.length * share)]?.toFixed(1))
  return { perSecond: Math.round(times.length / wallS), p50: at(0.5), p99: at(0.99), statuses: seen.statuses }
}

process.on('message', (wanted) => void storm(wanted).then((told) => process.send(told)))
process.on('disconnect', () => process.exit(0))
