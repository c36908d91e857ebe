// The numbers of the storage contract, in one place for adapters, their schemas and the conformance suite.

/** The longest key, in characters of `A-Za-z0-9:._-` (each is one byte). */
export const KEY_LENGTH_MAX = 256

/** The longest text of a record, in bytes of UTF-8: 64 KiB. */
export const TEXT_BYTES_MAX = 65_536

/** The longest subject, in UTF-16 units. */
export const SUBJECT_LENGTH_MAX = 512

/** The longest id of a revocation, in UTF-16 units. */
export const REVOCATION_ID_LENGTH_MAX = 640

/** The longest text of a revocation's target (an id of a family, session or token, or a subject), in UTF-16 units. */
export const TARGET_LENGTH_MAX = 512

/** The longest cause of a revocation, in UTF-16 units. */
export const CAUSE_LENGTH_MAX = 64
