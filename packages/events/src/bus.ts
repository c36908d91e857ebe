// The bus: hands each event to every listener, and lets no listener's failure reach the work that is being told of.
import type { Entropy, EventTable, NumericDate } from '@tallystick/core'
import { enclose, type Envelope } from './envelope.ts'

/** Hears events; what it throws or rejects with is counted, never passed on. */
export type EventListener<Event extends { readonly type: string }> = (event: Envelope<Event>) => void | Promise<void>

/** Tells listeners what happened. */
export interface EventBus<Event extends { readonly type: string }> {
  /** Adds a listener. @returns A function that removes it again. */
  subscribe(listener: EventListener<Event>): () => void
  /** Encloses events and hands them to the listeners, in order; costs nothing without listeners. */
  emit(events: readonly Event[], now: NumericDate, entropy: Entropy): void
  /** How many times a listener failed. */
  readonly failures: number
}

/**
 * Makes a bus for one union of events.
 *
 * @param table - Declares the events.
 * @param waitUntil - Keeps the runtime alive for listeners that are asynchronous (edge runtimes).
 */
export function createEventBus<Event extends { readonly type: string }>(
  table: EventTable<Event>,
  waitUntil?: (promise: Promise<void>) => void,
): EventBus<Event> {
  const listeners = new Set<EventListener<Event>>()
  let failures = 0
  const tell = async (listener: EventListener<Event>, event: Envelope<Event>): Promise<void> => {
    try {
      await listener(event)
    } catch {
      failures += 1
    }
  }
  return {
    subscribe(listener) {
      listeners.add(listener)
      return () => {
        listeners.delete(listener)
      }
    },
    emit(events, now, entropy) {
      if (listeners.size === 0) return
      for (const event of events) {
        // Telling is no part of the work that is told of: whatever throws here is counted, and the work goes on.
        try {
          const envelope = enclose(table, event, now, entropy)
          for (const listener of listeners) {
            const told = tell(listener, envelope)
            if (waitUntil !== undefined) waitUntil(told)
          }
        } catch {
          failures += 1
        }
      }
    },
    get failures() {
      return failures
    },
  }
}
