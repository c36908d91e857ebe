// The suite as a program in a runtime that seems to have neither `node:crypto` nor `Buffer`.

const runtime = globalThis as {
  process?: { getBuiltinModule?: unknown }
  Buffer?: unknown
}
const { Buffer } = runtime
if (runtime.process !== undefined) runtime.process.getBuiltinModule = undefined
runtime.Buffer = undefined
// Only now, because the packages look for both when they load.
const { runSuite } = await import('./suite.ts')
// Node's own Request and Response cannot do without.
runtime.Buffer = Buffer
await runSuite((line) => console.log(line))
