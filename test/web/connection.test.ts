import { readFile } from 'node:fs/promises'
import type { Browser } from 'playwright-core'
import { makeKey } from 'shardyard'
import { listen, openBrowser, openPage } from '../helpers/browser'
import { openShippedCluster } from '../helpers/shipped-cluster'

jest.setTimeout(60_000)

let browser: Browser
beforeAll(async () => {
  browser = await openBrowser()
})

test('a key that is entered opens the dashboard, downloads and reports in the page, and is in no address', async () => {
  const { cluster } = await openShippedCluster()
  const { text } = await makeKey(cluster, { name: 'office', scopes: ['read'] })
  const { address } = await listen(cluster)
  const { page } = await openPage(browser, address)
  const asked: string[] = []
  page.on('request', (request) => asked.push(request.url()))
  await page.getByRole('status').getByRole('link', { name: 'A key is needed' }).click()
  await page.getByText('You may: nothing yet.', { exact: false }).waitFor()
  await page.getByRole('textbox', { name: 'Key' }).fill(text)
  await page.getByRole('button', { name: 'Use this key' }).click()
  await page.getByText('You may: read.', { exact: false }).waitFor()
  await page.getByRole('status').getByText('Live').waitFor()

  await page.getByRole('link', { name: 'Reports' }).click()
  await page.getByRole('combobox', { name: 'Report' }).selectOption('data-quality')
  await page.getByLabel('Format').selectOption('html')
  await page.getByRole('button', { name: 'Make the report' }).click()
  await page.frameLocator('iframe.report').getByRole('heading').first().waitFor()
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: /^Download / }).click(),
  ])
  expect(await readFile(await download.path(), 'utf8')).toMatch(/^<!doctype html>/i)
  expect(asked.filter((url) => url.includes(text))).toEqual([])

  await page.getByRole('link', { name: 'Settings' }).click()
  await page.getByRole('button', { name: 'Forget the key' }).click()
  await page.getByRole('status').getByText('A key is needed').waitFor()
})

test('a page that is open comes back to life after the server was started again', async () => {
  const { cluster } = await openShippedCluster()
  const { server, address } = await listen(cluster)
  const { page } = await openPage(browser, address)
  const state = (name: string) => page.locator(`[data-connection="${name}"]`)
  await state('live').waitFor()
  await server.close()
  await state('lost').or(state('connecting')).first().waitFor()
  const { server: next } = await listen(cluster, { port: Number(new URL(address).port), concurrency: 0 })
  await state('live').waitFor()
  const id = await next.context.queue.enqueue({ kind: 'a-job-of-the-new-life', data: {} })
  await page.goto(`${address}/#/jobs`)
  await page.getByText('a-job-of-the-new-life').waitFor()
  await next.context.queue.cancel(id)
  await page.getByRole('cell', { name: 'cancelled' }).waitFor()
})
