// Posts events over raw keep-alive connections as fast as they are answered: `node event-storm.mjs PORT SECONDS [PATH]`.
// Answers a line of JSON: how many were answered, with which status, and how long the slowest took.
import { connect } from 'node:net'

const [port, seconds, path = '/api/v1/events'] = process.argv.slice(2)
const CONNECTIONS = 64
const until = performance.now() + Number(seconds) * 1000
const statuses = {}
const times = []
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
  return `POST ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`
}

function client() {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), '127.0.0.1').setNoDelay(true).setEncoding('latin1')
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

const startedAt = performance.now()
await Promise.all(Array.from({ length: CONNECTIONS }, client))
const wallS = (performance.now() - startedAt) / 1000
times.sort((a, b) => a - b)
const at = (share) => Number(times[Math.floor(times.length * share)]?.toFixed(1))
console.log(
  JSON.stringify({
    perSecond: Math.round(times.length / wallS),
    p50: at(0.5),
    p99: at(0.99),
    max: at(0.9999),
    statuses,
  }),
)
