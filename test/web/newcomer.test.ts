import { readFile } from 'node:fs/promises'
import type { Browser, Page } from 'playwright-core'
import { listen, openBrowser, openPage } from '../helpers/browser'
import { openShippedCluster } from '../helpers/shipped-cluster'

/** Ten events: seven are sound, one says the same as another, two cannot be taken. */
const DIRTY = [
  'client_id,metric,amount,timestamp,remark',
  ...Array.from({ length: 7 }, (_, at) => `acme,visits,${at}.50,2026-03-0${at + 1}T08:00:00Z,fine`),
  'acme,visits,0.50,2026-03-01T08:00:00Z,fine',
  'acme,visits,many,2026-03-08T08:00:00Z,no number',
  'acme,visits,8.50,2026-13-08T08:00:00Z,no month',
].join('\n')

jest.setTimeout(60_000)

let browser: Browser
let page: Page
let errors: string[]
beforeAll(async () => {
  browser = await openBrowser()
  const { cluster } = await openShippedCluster()
  const { address } = await listen(cluster)
  const opened = await openPage(browser, address)
  page = opened.page
  errors = opened.errors
})

afterEach(() => expect(errors).toEqual([]))

const button = (name: string | RegExp) => page.getByRole('button', { name })
const link = (name: string | RegExp) => page.getByRole('link', { name })
const region = (name: string) => page.getByRole('region', { name, exact: true })

test('an empty dashboard is live, and says what to do', async () => {
  await page.getByRole('status').getByText('Live').waitFor()
  await page.getByText('No ingestion has rejected anything yet.').waitFor()
  await page.getByText('Nothing runs.').waitFor()
  await link('Load a file').first().click()
  await page.getByText('Choose a file and an entity first.').waitFor()
  expect(await button('Start').first().isDisabled()).toBe(true)
})

test('a preview tells columns, mapping and first errors of an uploaded file, and writes nothing', async () => {
  await page
    .getByLabel('File to load')
    .setInputFiles({ name: 'dirty.csv', mimeType: 'text/csv', buffer: Buffer.from(DIRTY) })
  await page.getByText('dirty.csv').waitFor()
  await page.getByLabel('Into').selectOption('Event')
  await button('Preview').click()
  const columns = region('Columns and what they feed')
  await columns.waitFor()
  expect(await columns.getByRole('row').allInnerTexts()).toEqual(
    expect.arrayContaining([expect.stringMatching(/^client_id\b/), expect.stringMatching(/^remark\b.*feeds nothing/s)]),
  )
  expect(await region('The first rejects').getByRole('row').count()).toBe(3)
  await page.getByText('Nothing was written.', { exact: false }).first().waitFor()
})

test('a mapping that is edited holds for the next preview', async () => {
  await page.getByLabel('What "remark" feeds').selectOption('metric')
  await button('Preview with this mapping').click()
  await region('Columns and what they feed')
    .getByRole('row', { name: /^metric\b.*feeds nothing/ })
    .waitFor()
  expect(
    await region('Columns and what they feed')
      .getByRole('row', { name: /^remark\b/ })
      .innerText(),
  ).toMatch(/you$/)
  await button('Forget the mapping').click()
})

test('a load is started, and leads to the run and its rejects', async () => {
  await button('Start').first().click()
  await page.getByText('2 records were rejected.', { exact: false }).waitFor()
  await link('See why, and correct them').click()
  await page.getByText('balances').first().waitFor()
  await expect(page.locator('.account p').first().innerText()).resolves.toContain('accepted 7')
  await region('Rejected records').waitFor()
  expect(await region('Rejected records').getByRole('row').count()).toBe(3)
})

test('rejects are downloaded, corrected, and loaded again', async () => {
  const [download] = await Promise.all([page.waitForEvent('download'), button('Download the rejects as CSV').click()])
  const text = await readFile(await download.path(), 'utf8')
  const corrected = text.replace(/(acme,visits,)many/g, '$19.50').replace(/(acme,visits,8\.50,)2026-13/g, '$12026-12')
  await page
    .getByLabel('File to load')
    .setInputFiles({ name: 'fixed.csv', mimeType: 'text/csv', buffer: Buffer.from(corrected) })
  await page.getByText('fixed.csv').waitFor()
  await button('Load the corrected file').click()
  await page.getByText('Nothing was rejected.', { exact: false }).waitFor()
  await expect(page.locator('.account p').first().innerText()).resolves.toContain('accepted 2')
})

test('a row tells the line that it comes from', async () => {
  await link('Data').click()
  await page.getByRole('link', { name: 'Event', exact: true }).click()
  await button('Trace 1').click()
  await region('Where Event 1 comes from').getByText('dirty.csv, line 2', { exact: false }).waitFor()
})

test('the PDF report of a run is made and downloaded', async () => {
  await link('Runs').click()
  await link(/^dirty\.csv/).click()
  await button('PDF report').click()
  const [download] = await Promise.all([page.waitForEvent('download'), button(/^Download .*\.pdf$/).click()])
  expect((await readFile(await download.path())).subarray(0, 5).toString()).toBe('%PDF-')
})

test('an HTML report is shown inside the page', async () => {
  await link('All reports').click()
  await page.getByLabel('Format').selectOption('html')
  await button('Make the report').click()
  const frame = page.frameLocator('iframe.report')
  await frame.getByRole('heading').first().waitFor()
  expect(await page.locator('iframe.report').getAttribute('sandbox')).toBe('allow-scripts')
})

test('a script in a report does not run', async () => {
  const body = '<p id="text">as written</p><script>document.getElementById("text").textContent = "run"</script>'
  await page.route('**/content?inline=true', (route) => route.fulfill({ contentType: 'text/html', body }))
  await page.reload()
  const text = page.frameLocator('iframe.report').locator('#text')
  await text.waitFor()
  expect(await text.innerText()).toBe('as written')
  expect(errors.splice(0)).toEqual([expect.stringContaining('Content Security Policy')])
  await page.unroute('**/content?inline=true')
})

test('an event is posted, known again, and counted', async () => {
  await link('Events').click()
  await button('Post').click()
  await page.getByText('stored as Event', { exact: false }).waitFor()
  await button('Post').click()
  await page.getByText('is stored already as Event', { exact: false }).waitFor()
  await region('Totals by client').getByRole('cell', { name: 'acme' }).waitFor()
})

test('the failure switch shows a banner on every page until it is off', async () => {
  await link('Settings').click()
  await button(/^Let fail/)
    .first()
    .click()
  const banner = page.getByText('Failing on purpose.')
  await banner.waitFor()
  await link('Runs').click()
  await banner.waitFor()
  await button('Switch off').first().click()
  await banner.waitFor({ state: 'detached' })
})
