// A worker thread that writes its rows, each in a transaction of its own, through the bare connection of a driver.
const { parentPort, workerData } = require('node:worker_threads')
const { driverOf } = require(workerData.registry)

async function main() {
  const connection = await driverOf(workerData.spec.engine).connect(workerData.spec, () => 60_000)
  for (let index = 0; index < workerData.rows; index++) {
    await connection.begin()
    await connection.execute('INSERT INTO users (name, email) VALUES (?, ?)', [
      `Thread ${workerData.thread}`,
      `${workerData.thread}-${index}@example.com`,
    ])
    await connection.commit()
  }
  await connection.close()
}

main().then(
  () => parentPort.postMessage('done'),
  (error) => parentPort.postMessage(`${error.code} ${error.message}`),
)
