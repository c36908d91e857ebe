// What examples of suites may use without saying where it comes from: a test runner that only takes the tests.

/** Takes a test and does not run it: an example shows how a suite is registered. */
export function test(name: string, run: () => Promise<void>): void {
  if (name === '' || typeof run !== 'function') throw new TypeError('a test has a name and a function')
}
