// The browser step of CI: the cookie tests want a real Chromium, and where the machine has none it is installed.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { command, type Step } from './steps.ts'

/** One step: a Chromium stands where the tests look for it. */
export const browserStep: Step = {
  name: 'a Chromium for the tests',
  run: () => {
    if (hasChromium()) return true
    const asRoot = process.getuid?.() === 0 ? [] : ['sudo', '-n']
    command(...asRoot, 'apt-get', 'update', '-qq')
    command(...asRoot, 'apt-get', 'install', '-y', '-qq', '--no-install-recommends', 'chromium')
    return hasChromium()
  },
}

function hasChromium(): boolean {
  const named = process.env['CHROMIUM']
  if (named !== undefined) return existsSync(named)
  return spawnSync('chromium', ['--version'], { stdio: 'ignore' }).status === 0
}
