// The house rules as pure functions over files; the tests run them on the repository and on planted violations.
export type { SourceFile, Violation } from './violation.ts'
export { formatViolations } from './violation.ts'
export { packageSources, readRepository, repositoryRoot } from './repository.ts'
