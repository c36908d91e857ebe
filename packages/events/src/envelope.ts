// The envelope: an id and a time around what happened, holding declared fields only.
import type { Entropy, EventFieldKind, EventTable, NumericDate } from '@tallystick/core'
import { encodeBase64url } from '@tallystick/core/base64url'
import { redactText } from './redact.ts'

/** An event as it leaves the process: what happened, with an id of its own and the time. */
export type Envelope<Event extends { readonly type: string }> = Event & {
  /** 128 random bits, base64url: the same event delivered twice has the same id. */
  readonly id: string
  readonly time: NumericDate
}

/**
 * Puts an event into its envelope.
 *
 * Only the fields that the table declares for the type are copied, each as its kind allows: what nobody declared cannot
 * leave, whatever a caller put into the object.
 *
 * @param now - When it happened.
 * @param entropy - For the id.
 */
export function enclose<Event extends { readonly type: string }>(
  table: EventTable<Event>,
  event: Event,
  now: NumericDate,
  entropy: Entropy,
): Envelope<Event> {
  const row = (table as Readonly<Record<string, { readonly fields: Readonly<Record<string, EventFieldKind>> }>>)[
    event.type
  ]
  if (row === undefined) throw new TypeError('this type of event is not in the table')
  const facts: Record<string, unknown> = { id: encodeBase64url(entropy.bytes(ID_BYTES)), time: now, type: event.type }
  for (const [field, kind] of Object.entries(row.fields)) {
    const value = admit((event as Readonly<Record<string, unknown>>)[field], kind)
    if (value !== undefined) facts[field] = value
  }
  return Object.freeze(facts) as Envelope<Event>
}

function admit(value: unknown, kind: EventFieldKind): unknown {
  switch (kind) {
    case 'number':
      return typeof value === 'number' && Number.isFinite(value) ? value : undefined
    case 'flag':
      return typeof value === 'boolean' ? value : undefined
    case 'id':
      return typeof value === 'string' && ID_SHAPE.test(value) ? value : undefined
    case 'name':
    case 'text':
      return typeof value === 'string' ? redactText(value) : undefined
    case 'texts':
      return typeof value === 'object' && value !== null ? admitTexts(value) : undefined
  }
}

function admitTexts(value: object): Readonly<Record<string, string>> {
  const texts = Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string')
  return Object.freeze(
    Object.fromEntries(texts.slice(0, TEXTS_MAX).map(([name, text]) => [redactText(name), redactText(text)])),
  )
}

const ID_BYTES = 16
const TEXTS_MAX = 16
/** Ids of ours are shorter than any secret of ours: 22 characters for 16 bytes. */
const ID_SHAPE = /^[A-Za-z0-9_-]{1,36}$/
