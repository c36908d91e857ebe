// Writes the pages that are made from the repository itself: today the list of requirements and their tests.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readRepository, repositoryRoot } from '../packages/repo-checks/src/repository.ts'
import { requirementsPage, requirementsPagePath } from '../packages/repo-checks/src/requirements.ts'

const files = readRepository()
const pages = [{ path: requirementsPagePath, text: requirementsPage(files) }]

for (const { path, text } of pages) {
  const isCurrent = files.some((file) => file.path === path && file.text === text)
  if (!isCurrent) writeFileSync(join(repositoryRoot, path), text)
  console.log(`${path} ${isCurrent ? 'is current' : 'written'}`)
}
