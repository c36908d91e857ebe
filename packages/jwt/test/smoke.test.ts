import { numericDate } from '@tallystick/core'
import { systemEntropy } from '@tallystick/core/system'
import { expect, test } from 'vitest'
import { createIssuer, createSyncVerifier, createVerifier, generateKey, toJwks, importKey } from '@tallystick/jwt'
for (const alg of ['ES256','Ed25519','PS256','RS256','HS256'] as const) test(alg, async () => {
  const key = await generateKey(alg)
  const common = { issuer: 'https://a', audience: 'https://b', type: 'at+jwt' as const }
  const issuer = createIssuer({ ...common, lifetimeSeconds: 300, keys: [key] })
  const now = numericDate(1_790_000_000)
  const token = await issuer.issue({ sub: 'u', client_id: 'w', x: 1 }, now, systemEntropy)
  const v = { ...common, algorithms: [alg], keys: [key] }
  const r = await createVerifier(v).verify(token, now)
  expect(r).toMatchObject({ ok: true, claims: { sub: 'u', x: 1 } })
  expect(createSyncVerifier(v).verify(token, now)).toEqual(r)
  if (alg !== 'HS256') {
    const pub = await importKey(toJwks([key]).keys[0]!, { algorithm: alg })
    expect(createSyncVerifier({ ...v, keys: [pub] }).verify(token, now)).toEqual(r)
  }
})
