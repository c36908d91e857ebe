// The tables of docs/errors.md, docs/events.md and docs/server.md are those of the code: UPDATE_DOCS=1 writes them.
import { readFileSync } from 'node:fs'
import { failures } from '@tallystick/core'
import type { RefusalRow } from '@tallystick/core/refusals'
import type { JwtRefusal } from '@tallystick/jwt'
import { refreshPolicyDefaults } from '@tallystick/refresh-token/policy'
import { refreshRefusals } from '@tallystick/refresh-token/refusals'
import { sessionRefusals } from '@tallystick/session/refusals'
import { expect, test } from 'vitest'
import { refuse as refuseJwt } from '../../jwt/src/refusals.ts'
import { serverEvents } from '../src/event.ts'
import { serverDefaults } from '../src/index.ts'
import { accessTokenRefusals, sessionTokenRefusals } from '../src/refusals.ts'
import { markdownTable, onPage } from './docs-page.ts'

function refusalsTable(table: Readonly<Record<string, RefusalRow>>): string {
  const rows = Object.entries(table).map(([reason, { code, status, description, headers }]) => {
    const sent = Object.entries(headers ?? {}).map(([name, value]) => ` (\`${name}: ${value}\`)`)
    return [`\`${reason}\``, `\`${code}\``, String(status) + sent.join(''), description]
  })
  return markdownTable(['reason', 'error', 'status', 'description'], rows)
}

/** The reasons of a JWT's refusal, in the order of their table. */
function jwtRefusals(): Readonly<Record<string, RefusalRow>> {
  const source = readFileSync(new URL('../../jwt/src/refusals.ts', import.meta.url), 'utf8')
  const reasons = [...new Set(source.match(/jwt\/[a-z_]+(?=')/g))].filter((one) => one !== 'jwt/verify')
  return Object.fromEntries(reasons.map((reason) => [reason, refuseJwt(reason as JwtRefusal).error]))
}

test.each([
  ['refresh-refusals', refusalsTable(refreshRefusals)],
  ['access-token-refusals', refusalsTable(accessTokenRefusals)],
  ['session-refusals', refusalsTable(sessionRefusals)],
  ['session-token-refusals', refusalsTable(sessionTokenRefusals)],
  ['jwt-refusals', refusalsTable(jwtRefusals())],
])('MO-3 docs/errors.md lists every reason with what the outside sees: %s', (name, table) => {
  expect(onPage('errors.md', name, table)).toBe(table)
})

test('docs/errors.md lists every failure, and whether it may pass by itself', () => {
  const rows = Object.entries(failures).map(([code, { retryable, meaning }]) => [
    `\`${code}\``,
    retryable ? 'yes' : 'no',
    meaning,
  ])
  const table = markdownTable(['code', 'retryable', 'meaning'], rows)
  expect(onPage('errors.md', 'failures', table)).toBe(table)
})

test('MO-2 docs/events.md lists every event with its meaning and its fields', () => {
  const rows = Object.entries(serverEvents).map(([type, { meaning, fields }]) => [
    `\`${type}\``,
    meaning,
    Object.entries(fields)
      .map(([field, kind]) => `\`${field}\` ${kind}`)
      .join(', '),
  ])
  const table = markdownTable(['event', 'meaning', 'fields'], rows)
  expect(onPage('events.md', 'events', table)).toBe(table)
})

test('docs/server.md prints the defaults of the code', () => {
  const rows = [
    ['accessToken.format', serverDefaults.accessTokenFormat],
    ['accessToken.lifetimeSeconds', serverDefaults.accessTokenLifetimeSeconds],
    ...Object.entries(refreshPolicyDefaults).map(([field, value]) => [`policy.${field}`, value]),
    ['policy.retryWindowSeconds', 'the idle time-out'],
  ]
  const table = markdownTable(
    ['option', 'default'],
    rows.map(([option, value]) => [`\`${option}\``, String(value)]),
  )
  expect(onPage('server.md', 'defaults', table)).toBe(table)
})
