// What every check takes and answers: files as values in, broken rules as values out.

/** A file of the repository, read beforehand: checks do no I/O, so a planted fault is just another value. */
export interface SourceFile {
  /** Relative to the repository's root, with forward slashes. */
  readonly path: string
  readonly text: string
}

/** One place where a rule of the house is broken. */
export interface Violation {
  readonly path: string
  /** Counted from 1; absent where the whole file is meant. */
  readonly line?: number | undefined
  /** What is wrong and what is allowed. */
  readonly message: string
}

/** One line per violation, in the form that editors and terminals turn into links. */
export function formatViolations(violations: readonly Violation[]): string {
  return violations
    .map(({ path, line, message }) => `${line === undefined ? path : `${path}:${line}`} ${message}`)
    .join('\n')
}
