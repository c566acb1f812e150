/** A real Chromium on a real server: what a reader of the dashboard has. */
import { type Browser, chromium, type Page } from 'playwright-core'
import { type Cluster, createServer, type Server, type ServerOptions } from 'shardyard'
import { removeAtEnd } from './cleanup'
import { tempFolder } from './temp'

/** Starts the browser; it is closed at the end. */
export async function openBrowser(): Promise<Browser> {
  const executablePath = process.env['SHARDYARD_TEST_CHROMIUM'] ?? '/usr/bin/chromium'
  // The pages are our own, and containers often forbid what the sandbox of Chromium needs.
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-dev-shm-usage'] })
  removeAtEnd(() => browser.close())
  return browser
}

/** A page on an address; what its console says as an error is collected in `errors`. */
export async function openPage(
  browser: Browser,
  address: string,
  options: { readonly width?: number; readonly colorScheme?: 'light' | 'dark' } = {},
): Promise<{ page: Page; errors: string[] }> {
  const { width = 1_280, colorScheme = 'light' } = options
  const page = await browser.newPage({ viewport: { width, height: 800 }, colorScheme, acceptDownloads: true })
  removeAtEnd(() => page.close())
  page.setDefaultTimeout(20_000)
  const errors: string[] = []
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()))
  page.on('pageerror', (error) => errors.push(error.message))
  await page.goto(address)
  return { page, errors }
}

/** A server that listens; closed at the end. */
export async function listen(
  cluster: Cluster,
  options: ServerOptions & { readonly port?: number } = {},
): Promise<{ server: Server; address: string }> {
  const { port = 0, ...rest } = options
  const server = await createServer(cluster, { folder: await tempFolder('server'), mayFail: true, ...rest })
  removeAtEnd(() => server.close())
  return { server, address: await server.listen({ port }) }
}
