// How a machine declares its events: for each, what it means and what each field may hold. Redaction and docs read it.

/**
 * What a field of an event may hold.
 *
 * `id`: an identifier of ours. `name`: a literal of ours (a reason, a cause). `text`: came from outside, so it is cut,
 * cleaned and searched for secrets. `number`, `flag`: as they say. `texts`: a record of `text`.
 */
export type EventFieldKind = 'id' | 'name' | 'text' | 'texts' | 'number' | 'flag'

/** All events of a union, by type; a field that is not declared here never leaves the process. */
export type EventTable<Event extends { readonly type: string }> = {
  readonly [Type in Event['type']]: {
    readonly meaning: string
    readonly fields: {
      readonly [Field in Exclude<keyof Extract<Event, { readonly type: Type }>, 'type'>]-?: EventFieldKind
    }
  }
}
