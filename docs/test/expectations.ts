// What `// =>` means in the documentation: these are called where it stands.
import { expect } from 'vitest'

/** The value equals what the page says, deeply; members that are `undefined` may be left out. */
export function expectValue(actual: unknown, expected: unknown, place: string): void {
  expect(actual, place).toEqual(expected)
}

/** The value has at least the members that the page shows before its `…`. */
export function expectMembers(actual: unknown, expected: object, place: string): void {
  expect(actual, place).toMatchObject(expected)
}

/** The expression throws, or rejects with, an error of that name. */
export async function expectThrow(run: () => unknown, name: string, place: string): Promise<void> {
  const thrown = await Promise.resolve()
    .then(run)
    .then(
      () => undefined,
      (error: unknown) => error,
    )
  expect(thrown instanceof Error ? thrown.name : thrown, place).toBe(name)
}
