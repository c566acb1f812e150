import { readFile } from 'node:fs/promises'
import { makeKey } from 'shardyard'
import { listen, openBrowser, openPage } from '../helpers/browser'
import { openShippedCluster } from '../helpers/shipped-cluster'

test('a key that is entered opens the dashboard, downloads and reports in the page, and is in no address', async () => {
  const browser = await openBrowser()
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
}, 45_000)
