// Opaque access tokens: a random text, its hash in the store, and no spelling of it but one.
import { expect, test } from 'vitest'
import { API, createWorld, ISSUER, START } from './world.ts'

const opaque = { accessToken: { format: 'opaque' } } as const

test('an opaque token is 256 random bits behind a prefix that scanners find, and says nothing', async () => {
  const world = createWorld(opaque)
  const tokens = await Promise.all(Array.from({ length: 100 }, () => world.server.issue({ subject: 'alice' })))
  for (const { accessToken } of tokens) expect(accessToken).toMatch(/^tat_[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/)
  expect(new Set(tokens.map(({ accessToken }) => accessToken)).size).toBe(100)
})

test('AT-2 its claims are those of a JWT', async () => {
  const world = createWorld(opaque)
  const { accessToken } = await world.server.issue({ subject: 'alice', scope: 'read' })
  const verified = await world.server.verify(accessToken)
  expect(verified).toMatchObject({
    ok: true,
    claims: { iss: ISSUER, aud: API, sub: 'alice', client_id: 'web', iat: START, exp: START + 600, scope: 'read' },
  })
})

test('W39 every truncation and every edit of one character is inactive', async () => {
  const world = createWorld(opaque)
  const { accessToken } = await world.server.issue({ subject: 'alice' })
  const others: string[] = []
  for (let at = 0; at < accessToken.length; at += 1) {
    others.push(accessToken.slice(0, at), accessToken.slice(at), accessToken.slice(0, at) + accessToken.slice(at + 1))
    for (const letter of 'ABab01-_=.+/ \n\0é') {
      others.push(
        accessToken.slice(0, at) + letter + accessToken.slice(at + 1),
        accessToken.slice(0, at) + letter + accessToken.slice(at),
      )
    }
  }
  others.push(
    `${accessToken}=`,
    `${accessToken}A`,
    ` ${accessToken}`,
    accessToken.toUpperCase(),
    encodeURIComponent(`${accessToken}\n`),
  )
  const edits = others.filter((token) => token !== accessToken)
  expect(edits.length).toBeGreaterThan(1500)
  for (const token of edits) {
    expect(await world.server.introspect({ token, resourceServer: API })).toEqual({ active: false })
    expect((await world.server.verify(token)).ok).toBe(false)
  }
  expect(await world.server.introspect({ token: accessToken, resourceServer: API })).toMatchObject({ active: true })
})

test('W37 no kind of token passes for another', async () => {
  const world = createWorld(opaque)
  const first = await world.server.issue({ subject: 'alice' })
  const jwt = await world.anotherServer({ accessToken: { format: 'jwt' } }).issue({ subject: 'alice' })
  for (const refreshToken of [first.accessToken, jwt.accessToken, first.familyId]) {
    expect(await world.server.refresh({ refreshToken })).toMatchObject({ reason: 'refresh_token/malformed' })
  }
  for (const token of [first.refreshToken, first.familyId, `tat_${first.refreshToken.slice(4, 47)}`]) {
    expect((await world.server.verify(token)).ok).toBe(false)
    expect(await world.server.introspect({ token, resourceServer: API })).toEqual({ active: false })
  }
})

test('it is for the resource servers it names, and ends to the second', async () => {
  const world = createWorld(opaque)
  const { accessToken } = await world.server.issue({ subject: 'alice', audience: 'https://other.example.com' })
  expect(await world.server.verify(accessToken)).toMatchObject({ reason: 'access_token/wrong_audience' })
  const asked = { token: accessToken, resourceServer: 'https://other.example.com' }
  world.clock.advance(599)
  expect(await world.server.introspect(asked)).toMatchObject({ active: true })
  world.clock.advance(1)
  expect(await world.server.introspect(asked)).toEqual({ active: false })
  expect(await world.server.verify(accessToken)).toMatchObject({ reason: 'access_token/expired' })
})

test('a server reads both formats, whichever it issues', async () => {
  const world = createWorld(opaque)
  const jwts = world.anotherServer({ accessToken: { format: 'jwt' } })
  const [one, two] = [await world.server.issue({ subject: 'alice' }), await jwts.issue({ subject: 'alice' })]
  for (const server of [world.server, jwts]) {
    for (const { accessToken } of [one, two]) expect((await server.verify(accessToken)).ok).toBe(true)
  }
})

test('W58 claims of one user never come back for another, however alike their tokens', async () => {
  const world = createWorld(opaque)
  const jwts = world.anotherServer({ accessToken: { format: 'jwt' } })
  for (let i = 0; i < 50; i += 1) {
    for (const server of [world.server, jwts]) {
      const { accessToken } = await server.issue({ subject: `user_${i}`, audience: [API, `https://${i}.example.com`] })
      const shown = await world.server.introspect({ token: accessToken, resourceServer: `https://${i}.example.com` })
      expect(shown).toMatchObject({ active: true, sub: `user_${i}` })
      expect(await world.server.verify(accessToken)).toMatchObject({ claims: { sub: `user_${i}` } })
    }
  }
})
