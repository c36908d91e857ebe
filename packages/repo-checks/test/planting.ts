// How the companion tests plant a fault: files as values, and what a check says about them.
import { expect } from 'vitest'
import type { SourceFile, Violation } from '../src/violation.ts'
import { formatViolations } from '../src/violation.ts'
import { packageSources, readRepository } from '../src/repository.ts'

/** The repository as it stands. */
export const repository: readonly SourceFile[] = readRepository()

/** Its packages' sources. */
export const sources: readonly SourceFile[] = packageSources(repository)

/** A file that never stood on a disk. */
export function planted(path: string, text: string): SourceFile {
  return { path, text }
}

/** The repository with one file replaced or added. */
export function withPlanted(path: string, change: (text: string) => string): readonly SourceFile[] {
  const before = repository.find((file) => file.path === path)
  return [...repository.filter((file) => file !== before), planted(path, change(before?.text ?? ''))]
}

/** Fails with one clickable line per violation. */
export function expectNone(violations: readonly Violation[]): void {
  expect.soft(violations.length, formatViolations(violations)).toBe(0)
}

/** Expects exactly these messages, each given by a part of it. */
export function expectCaught(violations: readonly Violation[], ...parts: readonly string[]): void {
  expect(violations.map(({ message }) => message)).toEqual(parts.map((part) => expect.stringContaining(part)))
}

/** The repository with one JSON file changed. */
export function withEdited(path: string, change: (content: Editable) => void): readonly SourceFile[] {
  return withPlanted(path, (text) => {
    const content = JSON.parse(text) as Editable
    change(content)
    return JSON.stringify(content)
  })
}

/** Any JSON: a test knows the shape that it edits. */
// oxlint-disable-next-line typescript/no-explicit-any
export type Editable = any
