// The suite as a worker, for workerd's test command: nothing but the import happens while the module loads.
import { runSuite } from './suite.ts'

export default {
  /** Called once by `workerd test`. */
  async test(): Promise<void> {
    await runSuite((line) => console.log(line))
  },
}
