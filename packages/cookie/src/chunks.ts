// A long value over several cookies: `name.0`, `name.1` …, each saying how many there are and which value it is a part of.
import { encodeBase64url } from '@tallystick/core/base64url'
import { sha256 } from '@tallystick/core/crypto'
import type { Result } from '@tallystick/core'
import { PAIR_BYTES_MAX } from './grammar.ts'
import { refuseCookie } from './refusals.ts'

/** The answer of {@link joinChunks}. */
export type JoinResult = Result<
  { readonly value: string },
  'cookie/chunks_incomplete' | 'cookie/chunks_stale' | 'cookie/duplicate'
>

/** The name of one chunk; a prefix in front of the name holds for its chunks as well. */
export function chunkName(name: string, index: number): string {
  return `${name}.${index}`
}

/** Which chunk of a name a sent name is: its index, or `undefined` where it is none. */
export function chunkIndex(name: string, sentName: string): number | undefined {
  if (!sentName.startsWith(name)) return undefined
  const match = INDEX.exec(sentName.slice(name.length))
  return match === null ? undefined : Number(match[1])
}

/**
 * Splits a value that one cookie cannot hold.
 *
 * @returns The values of the chunks in order, or `undefined` where more than `chunksMax` would be needed.
 */
export function splitValue(name: string, value: string, chunksMax: number): readonly string[] | undefined {
  const overhead = chunkName(name, chunksMax).length + headOf(chunksMax, value).length
  const room = PAIR_BYTES_MAX - overhead
  const count = room > 0 ? Math.ceil(value.length / room) : Number.POSITIVE_INFINITY
  if (count > chunksMax) return undefined
  const head = headOf(count, value)
  return Array.from({ length: count }, (_, index) => head + value.slice(index * room, (index + 1) * room))
}

/**
 * Joins chunks, each given with all values that were sent for it.
 *
 * @returns The value, or a refusal: `cookie/duplicate`, `cookie/chunks_incomplete` for a gap, `cookie/chunks_stale` for
 *   one too many, one of another value or one that was never written.
 */
export function joinChunks(sent: ReadonlyMap<number, readonly string[]>): JoinResult {
  const parts: string[] = []
  const heads = new Set<string>()
  for (const values of sent.values()) if (values.length > 1) return refuseCookie('cookie/duplicate')
  const first = CHUNK.exec(sent.get(0)?.[0] ?? '')
  if (!sent.has(0)) return refuseCookie('cookie/chunks_incomplete')
  const count = Number(first?.[2])
  if (first === null || count < 2 || sent.size > count) return refuseCookie('cookie/chunks_stale')
  for (let index = 0; index < count; index += 1) {
    const text = sent.get(index)?.[0]
    if (text === undefined) return refuseCookie('cookie/chunks_incomplete')
    const match = CHUNK.exec(text)
    heads.add(match?.[1] ?? '')
    parts.push(match?.[3] ?? '')
  }
  const value = parts.join('')
  // One head in all, and the right one: chunks of two answers that crossed are never taken for one value.
  return heads.size === 1 && heads.has(headOf(count, value)) ? { ok: true, value } : refuseCookie('cookie/chunks_stale')
}

function headOf(count: number, value: string): string {
  const digest = sha256(TEXT.encode(`tallystick chunks\0${value}`)).subarray(0, 9)
  return `${count}.${encodeBase64url(digest)}.`
}

const TEXT = new TextEncoder()
const INDEX = /^\.(0|[1-9]\d?)$/
const CHUNK = /^((\d{1,2})\.[A-Za-z0-9_-]{12}\.)(.*)$/
