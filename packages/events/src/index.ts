// Event envelope and bus.
export type { EventBus, EventListener } from './bus.ts'
export { createEventBus } from './bus.ts'
export type { Envelope } from './envelope.ts'
export { enclose } from './envelope.ts'
export { REDACTED, redactText } from './redact.ts'
