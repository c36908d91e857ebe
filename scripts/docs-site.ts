// Builds the documentation site into docs/site, with warnings as errors, and follows every link within it.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { checkSite } from '../packages/repo-checks/src/site.ts'
import { formatViolations } from '../packages/repo-checks/src/violation.ts'
import { commandIn, root } from './ci/steps.ts'

const site = join(root, 'docs/site')

if (commandIn(join(root, 'docs'), ['pnpm', 'exec', 'typedoc'])) {
  const files = readdirSync(site, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => ({ path: path.slice(site.length + 1).replaceAll('\\', '/'), text: readFileSync(path, 'utf8') }))
  const dead = checkSite(files)
  if (dead.length > 0) console.error(formatViolations(dead))
  console.log(`${files.filter(({ path }) => path.endsWith('.html')).length} pages, ${dead.length} dead links`)
  process.exitCode = dead.length === 0 ? 0 : 1
} else process.exitCode = 1
