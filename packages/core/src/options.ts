// How a mistake is told: which field, what was given (never a secret), what is allowed.

/** One problem that a schema found, in the shape Standard Schema fixes. */
export interface SchemaIssue {
  /** What is allowed, as the end of a sentence. */
  readonly message: string
  /** Where the problem is, from the outside in; absent or empty for the whole value. */
  readonly path?: ReadonlyArray<PropertyKey | { readonly key: PropertyKey }> | undefined
}

/** The part of the Standard Schema contract that reading options needs; zod and others have it. */
export interface OptionsSchema<Output> {
  /** The member under which Standard Schema puts a schema. */
  readonly '~standard': {
    readonly validate: (
      value: unknown,
    ) =>
      | { readonly value: Output; readonly issues?: undefined }
      | { readonly issues: readonly SchemaIssue[] }
      | Promise<unknown>
  }
}

/**
 * Reads a caller's options through a schema, or throws a message that names field, given value and what is allowed.
 *
 * @param schema - Its messages say what is allowed, as the end of a sentence: "must be 0 to 60".
 * @param value - What the caller gave.
 * @param owner - Whose options they are, for the message: `createTokenServer`.
 * @param secrets - Names of fields whose value never enters a message.
 * @throws RangeError where a number is out of range, TypeError otherwise.
 */
export function readOptions<Output>(
  schema: OptionsSchema<Output>,
  value: unknown,
  owner: string,
  secrets: readonly string[] = [],
): Output {
  const answer: unknown = schema['~standard'].validate(value)
  if (discardPromise(answer)) throw new TypeError(`${owner}: the schema of the options must be synchronous`)
  const result = readAnswer<Output>(answer)
  if (result === undefined)
    throw new TypeError(`${owner}: the schema of the options must answer with a value or issues`)
  if (result.issues === undefined) return result.value
  const issue = result.issues[0]
  const path = (issue?.path ?? []).map((step) => (typeof step === 'object' ? step.key : step))
  const given = path.reduce<unknown>(
    (inner, step) => (inner as Record<PropertyKey, unknown> | undefined)?.[step],
    value,
  )
  const isSecret = path.some((step) => secrets.includes(String(step)))
  const build = isSecret ? secretMistake : mistake
  throw build(owner, path.map(String).join('.'), issue?.message ?? 'is not allowed', given)
}

/** What a schema says: the value that it made, or what is wrong. */
export type SchemaAnswer<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] }

/**
 * Reads what a schema answered, or gives `undefined` where that says neither yes nor no: nothing, a boolean, a promise.
 *
 * A yes is a `value` of the answer's own; `issues` that are a list are a no, whatever stands beside them.
 */
export function readAnswer<Output>(answer: unknown): SchemaAnswer<Output> | undefined {
  if (typeof answer !== 'object' || answer === null || discardPromise(answer)) return undefined
  const { issues } = answer as { readonly issues?: unknown }
  if (Array.isArray(issues)) return { issues: issues as readonly SchemaIssue[] }
  if (issues !== undefined || !Object.hasOwn(answer, 'value')) return undefined
  return { value: (answer as { readonly value: Output }).value }
}

/**
 * Whether an answer is a promise of any make, where none may be. If so it is heard to its end, because a rejection that
 * nobody hears ends the process.
 */
export function discardPromise(answer: unknown): boolean {
  if (answer === null || (typeof answer !== 'object' && typeof answer !== 'function')) return false
  if (typeof (answer as { readonly then?: unknown }).then !== 'function') return false
  Promise.resolve(answer).catch(() => undefined)
  return true
}

/**
 * Builds the error for a caller's mistake; the caller throws it.
 *
 * @param owner - The function whose caller is wrong.
 * @param field - Dotted path of the field, empty for the whole argument.
 * @param allowed - What is allowed, as the end of a sentence.
 * @param given - What was given; shown shortened.
 * @returns A RangeError for a number, else a TypeError.
 */
export function mistake(owner: string, field: string, allowed: string, given: unknown): TypeError | RangeError {
  const message = sentence(owner, field, allowed, describeGiven(given))
  return typeof given === 'number' ? new RangeError(message) : new TypeError(message)
}

/** As {@link mistake}, for a field whose value must not be shown: only its kind is. */
export function secretMistake(owner: string, field: string, allowed: string, given: unknown): TypeError {
  return new TypeError(sentence(owner, field, allowed, describeKind(given)))
}

function sentence(owner: string, field: string, allowed: string, shown: string): string {
  return `${owner}: ${field === '' ? 'the argument' : field} ${allowed} (given ${shown})`
}

/** What was given, short enough for a message; text that may be a credential in the wrong place by its length alone. */
export function describeGiven(given: unknown): string {
  if (typeof given === 'string' && CREDENTIAL.test(given)) return describeKind(given)
  if (typeof given === 'string') return JSON.stringify(given.length > 40 ? `${given.slice(0, 40)}…` : given)
  if (typeof given === 'number' || typeof given === 'boolean' || given === null || given === undefined)
    return String(given)
  return describeKind(given)
}

function describeKind(given: unknown): string {
  if (given === null || given === undefined) return String(given)
  if (typeof given === 'string') return `a string of ${given.length} characters`
  if (given instanceof Uint8Array) return `${given.length} bytes`
  if (Array.isArray(given)) return `an array of ${given.length}`
  return typeof given === 'object' ? 'an object' : `a ${typeof given}`
}

/** What 128 random bits look like as base64, base64url or hex, or a part of them. */
const CREDENTIAL = /[A-Za-z0-9+/=_-]{22}/
