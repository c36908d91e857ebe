// The suite as a program in a runtime that seems to have neither `node:crypto` nor `Buffer`.

const runtime = globalThis as {
  process?: { getBuiltinModule?: unknown }
  Buffer?: unknown
}
if (runtime.process !== undefined) runtime.process.getBuiltinModule = undefined
runtime.Buffer = undefined
// Only now, because the packages look for both when they load.
await import('./program.ts')
