// The runtime step of CI: the built packages in every runtime, with the counts of its own command.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { commandIn, root, type Score, type Step } from './steps.ts'

/** One step: the suite in every runtime, on the packages as they are built. */
export const runtimeStep: Step = {
  name: 'the built packages in every runtime',
  run: () => {
    const folder = mkdtempSync(join(tmpdir(), 'tallystick-ci-'))
    const report = join(folder, 'runtimes.json')
    try {
      const isGreen = commandIn(root, ['node', 'packages/runtime-tests/src/main.ts'], {
        CI: 'true',
        TALLYSTICK_RUNTIMES_REPORT: report,
      })
      const { passed, failed } = JSON.parse(readFileSync(report, 'utf8')) as Score
      return { passed, failed: isGreen ? failed : Math.max(failed, 1) }
    } finally {
      rmSync(folder, { recursive: true })
    }
  },
}
