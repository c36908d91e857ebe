// The suite as a program, for runtimes that run a file: Node.js, Deno, Bun.
import { runSuite } from './suite.ts'

await runSuite((line) => console.log(line))
