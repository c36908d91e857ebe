// The life of a session in a browser: sign-in, use, refresh, step-up, sign-out, with real requests and a cookie jar.
import { describe, expect, test } from 'vitest'
import { COOKIE, createJar, createWorld, pageRequest, signedIn } from './world.ts'

test('CK-1 CK-2 SE-6 the session’s cookie is __Host-Http-, Secure, HttpOnly, Strict, of this host and until the browser closes', async () => {
  const world = createWorld()
  const result = await world.sessions.signIn(pageRequest('/sign-in'), { subject: 'alice' })
  expect(result.toResponse().headers.getSetCookie()).toEqual([
    expect.stringMatching(/^__Host-Http-sid=tsn_[\w-]{65}; Path=\/; Secure; HttpOnly; SameSite=Strict$/),
  ])
})

test('a user signs in, is recognised, and signs out; from then on the cookie is worth nothing', async () => {
  const world = createWorld()
  const jar = createJar()
  expect(await world.sessions.authenticate(pageRequest('/', { method: 'GET', jar }))).toMatchObject({
    ok: false,
    reason: 'http/signed_out',
    status: 401,
  })
  const signIn = await world.sessions.signIn(pageRequest('/sign-in', { jar }), { subject: 'alice' })
  expect(signIn).toMatchObject({ ok: true, session: { subject: 'alice' }, status: 200 })
  jar.take(signIn)
  const cookie = jar.header() ?? ''
  const user = await world.sessions.authenticate(pageRequest('/', { method: 'GET', jar }))
  expect(user).toMatchObject({ ok: true, session: { subject: 'alice' }, renewalDue: false, cookies: [] })
  const signOut = await world.sessions.signOut(pageRequest('/sign-out', { jar }))
  expect(signOut).toMatchObject({ ok: true, revoked: 1, status: 204 })
  jar.take(signOut)
  expect(jar.cookies.size).toBe(0)
  expect(await world.sessions.authenticate(pageRequest('/', { method: 'GET', cookie }))).toMatchObject({
    ok: false,
    reason: 'session/revoked',
    cookies: [],
  })
})
