import { spawnSync } from 'node:child_process'

/** The browser that the dashboard is tried in. */
export const chromium = {
  title: 'Chromium or Chrome',
  variable: 'SHARDYARD_TEST_CHROMIUM',
  names: [
    'chromium',
    'chromium-browser',
    'google-chrome-stable',
    'google-chrome',
    'chrome',
    'Chromium',
    'Google Chrome',
  ],
  // What stands on the path may be a script that looks at where it is.
  isKnownByName: true,
  folders: [
    '/Applications/Chromium.app/Contents/MacOS',
    '/Applications/Google Chrome.app/Contents/MacOS',
    'C:/Program Files/Google/Chrome/Application',
  ],
  packages: { apt: 'chromium', brew: '--cask chromium', winget: 'Google.Chrome' },

  version(path) {
    const { error, stdout } = spawnSync(path, ['--version'], { encoding: 'utf8' })
    if (error) throw new Error(`Chromium does not run: ${error.message}`, { cause: error })
    return /(\d+(?:\.\d+)+)/.exec(stdout)?.[1] ?? 'of unknown version'
  },
}
