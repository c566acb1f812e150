import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { listen, openBrowser, openPage } from '../helpers/browser'
import { openShippedCluster } from '../helpers/shipped-cluster'

const AXE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8')
const PAGES = ['overview', 'load', 'runs', 'reports', 'jobs', 'events', 'data', 'data/Event', 'settings', 'nothing']

interface Violation {
  readonly id: string
  readonly impact: string
  readonly nodes: readonly { readonly html: string }[]
}

jest.setTimeout(60_000)

let browser: Browser
let address: string
let run: string
beforeAll(async () => {
  browser = await openBrowser()
  const { cluster } = await openShippedCluster()
  const listening = await listen(cluster)
  address = listening.address
  run = await loadedRun()
})

/** Something to be seen on each page: a load with rejects, a report, an event. */
async function loadedRun(): Promise<string> {
  const send = async (path: string, body: string | object) => {
    const isText = typeof body === 'string'
    const response = await fetch(`${address}/api/v1${path}`, {
      method: 'POST',
      headers: { 'content-type': isText ? 'application/octet-stream' : 'application/json', prefer: 'wait=20' },
      body: isText ? body : JSON.stringify(body),
    })
    return (await response.json()) as { id: string; run: string }
  }
  const lines = ['client,amount,timestamp', 'a,1.00,2026-01-01T00:00:00Z', 'b,none,2026-01-01T00:00:00Z', 'c,2.00,']
  const { id } = await send('/uploads?name=a-file-with-quite-a-long-name-from-a-partner.csv', lines.join('\n'))
  const ingestion = await send('/ingestions', { source: { upload: id }, into: 'Event' })
  await send('/reports', { report: 'run', format: 'csv' })
  await send('/events', { client: 'c', amount: '1.00', timestamp: '2026-01-02T00:00:00Z' })
  return ingestion.run
}

async function goTo(page: Page, place: string): Promise<void> {
  await page.goto(`${address}/#/${place}`)
  await page.getByRole('heading', { level: 1 }).waitFor()
  await page.waitForLoadState('load')
  await page.locator('.loading').first().waitFor({ state: 'detached' })
}

test('axe finds nothing serious on any page, in light and in dark', async () => {
  const { page, errors } = await openPage(browser, address)
  await page.evaluate(AXE)
  const found: string[] = []
  for (const place of [...PAGES, `runs/${run}`]) {
    await goTo(page, place)
    found.push(...(await violationsOf(page, `${place}, light`, '{}')))
    await screenshot(page, `${place}-light`)
    await page.emulateMedia({ colorScheme: 'dark' })
    // The theme changes colours alone.
    found.push(...(await violationsOf(page, `${place}, dark`, "{ runOnly: ['color-contrast'] }")))
    await screenshot(page, `${place}-dark`)
    await page.emulateMedia({ colorScheme: 'light' })
  }
  expect(found).toEqual([])
  expect(errors).toEqual([])
})

async function violationsOf(page: Page, where: string, options: string): Promise<string[]> {
  const violations = (await page.evaluate(
    `axe.run(document, ${options}).then(({ violations }) => violations)`,
  )) as readonly Violation[]
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${where}: ${id} ${nodes[0]?.html.slice(0, 160) ?? ''}`)
}

test('no page is wider than a phone', async () => {
  const { page } = await openPage(browser, address, { width: 360 })
  const wide: string[] = []
  for (const place of [...PAGES, `runs/${run}`]) {
    await goTo(page, place)
    const width = (await page.evaluate('document.documentElement.scrollWidth')) as number
    if (width > 360) wide.push(`${place}: ${width}`)
    await screenshot(page, `${place}-phone`)
  }
  expect(wide).toEqual([])
})

test('the keyboard reaches the page past the navigation, and a link tells where it leads', async () => {
  const { page } = await openPage(browser, address)
  await page.getByRole('heading', { level: 1 }).waitFor()
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  expect(await page.evaluate('document.activeElement.id')).toBe('main')
  await page.getByRole('link', { name: 'Jobs', exact: true }).press('Enter')
  await page.getByRole('heading', { name: 'Jobs', level: 1 }).waitFor()
  await expect(page.getByRole('link', { name: 'Jobs', exact: true }).getAttribute('aria-current')).resolves.toBe('page')
  expect(await page.evaluate('document.activeElement.tagName')).toBe('H1')
})

test('a theme that was chosen outlives the page', async () => {
  const { page } = await openPage(browser, `${address}/#/settings`)
  const ground = async () =>
    (await page.evaluate('getComputedStyle(document.documentElement).backgroundColor')) as string
  const light = await ground()
  await page.getByLabel('Dark').check()
  expect(await ground()).not.toBe(light)
  await page.reload()
  await page.getByLabel('Dark').waitFor()
  expect(await page.getByLabel('Dark').isChecked()).toBe(true)
  expect(await ground()).not.toBe(light)
})

/** With SHARDYARD_SCREENSHOTS pictures are left in that folder, to look at. */
async function screenshot(page: Page, name: string): Promise<void> {
  const folder = process.env['SHARDYARD_SCREENSHOTS']
  if (folder === undefined) return
  await page.screenshot({ path: join(folder, `${name.replaceAll('/', '-')}.png`), fullPage: true })
}
