// Prints one counted line at the end of a run: what CI reads, and what a person looks for first.
import { writeFileSync } from 'node:fs'
import type { Reporter, TestModule } from 'vitest/node'

/** Counts tests over all projects; a module that failed to load counts as one failed test. */
export default class SummaryReporter implements Reporter {
  onTestRunEnd(modules: ReadonlyArray<TestModule>, errors: ReadonlyArray<unknown>): void {
    const counts = { passed: 0, failed: errors.length, skipped: 0 }
    const projects = new Set<string>()
    const files: { readonly file: string; readonly tests: number; readonly seconds: number }[] = []
    for (const module of modules) {
      projects.add(module.project.name)
      files.push({
        file: `${module.project.name}/${module.relativeModuleId.split('/').at(-1)}`,
        tests: [...module.children.allTests()].length,
        seconds: Number((module.diagnostic().duration / 1000).toFixed(1)),
      })
      if (module.state() === 'failed' && module.errors().length > 0) counts.failed += 1
      for (const test of module.children.allTests()) {
        const { state } = test.result()
        if (state === 'passed') counts.passed += 1
        else if (state === 'failed') counts.failed += 1
        else counts.skipped += 1
      }
    }
    const report = process.env['TALLYSTICK_TEST_REPORT']
    files.sort((left, right) => left.file.localeCompare(right.file))
    if (report !== undefined)
      writeFileSync(report, JSON.stringify({ ...counts, projects: [...projects].toSorted(), files }))
    console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`)
  }
}
