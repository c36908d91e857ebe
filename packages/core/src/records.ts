// Versioned text of stored records: what cannot be read is a failure, never a guess.
import { TokenError } from './failures.ts'
import type { OptionsSchema } from './options.ts'
import { readAnswer } from './options.ts'

/**
 * Reads the JSON text of a stored record through a schema.
 *
 * @param schema - Covers the whole record, its version too; synchronous.
 * @param owner - What kind of record it is, for the message.
 * @throws TokenError `ERR_STORAGE_CORRUPT` where the text is not such a record; nothing of it enters the message.
 */
export function readRecord<Output>(schema: OptionsSchema<Output>, text: string, owner: string): Output {
  const result = readAnswer<Output>(schema['~standard'].validate(parseJson(text)))
  if (result === undefined || result.issues !== undefined) {
    throw new TokenError('ERR_STORAGE_CORRUPT', `a stored ${owner} cannot be read or has an unknown version`)
  }
  return result.value
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
