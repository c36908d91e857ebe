// The demo: a sign-in, a rotation, the sixteen scenarios and the size of what is stored. A script: it runs when loaded.
import { runDemo } from './demo/main.ts'

process.exitCode = await runDemo(process.argv.slice(2), process)
