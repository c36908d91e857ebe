// How much a refresh costs beside its bare cryptography, what a forged token costs, and whether memory stays.
import { createHmac, createSecretKey, generateKeyPairSync, randomBytes, sign, timingSafeEqual } from 'node:crypto'
import { generateKey } from '@tallystick/jwt'
import { createTokenServer, type TokenServer } from '@tallystick/server'
import { memoryStorage } from '@tallystick/storage-memory'
import type { Gate } from './gate.ts'
import { compare, keep, type Measurement, sequential, sync } from './harness.ts'

/** Measures and judges. @param refreshesMax - How many refreshes the heap is watched over; the growth is from a tenth of it on. */
export async function run(refreshesMax: number): Promise<{
  readonly measurements: readonly Measurement[]
  readonly gates: readonly Gate[]
}> {
  const refreshing = await compare([bareCryptography(), await refreshes('refresh')])
  const forged = await compare([oneHmac(), await forgedRefreshes()])
  const growth = await heapGrowth(refreshesMax)
  const rate = 1 / (refreshing[1]?.ratio ?? Number.NaN)
  const refusal = forged[1]?.ratio ?? Number.NaN
  return {
    measurements: [...refreshing, ...forged],
    gates: [
      { name: 'refresh rate ÷ rate of its bare cryptography', value: rate, must: '≥ 0.5', ok: rate >= 0.5 },
      { name: 'forged token ÷ one HMAC', value: refusal, must: '< 3', ok: refusal < 3 },
      {
        name: `heap growth from ${refreshesMax / 10} to ${refreshesMax} refreshes, MB`,
        value: growth,
        must: '≤ 2',
        ok: growth <= 2,
      },
    ],
  }
}

/** What no refresh can do without: check one MAC, make one, sign once with ES256; on bytes that lie ready. */
function bareCryptography() {
  const secret = createSecretKey(randomBytes(32))
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const input = randomBytes(41)
  const expected = createHmac('sha256', secret).update(input).digest()
  const payload = randomBytes(420)
  return sync('bare cryptography: MAC check, MAC, ES256 signature', () => {
    const isGood = timingSafeEqual(createHmac('sha256', secret).update(input).digest(), expected)
    const mac = createHmac('sha256', secret).update(input).digest()
    return [isGood, mac, sign('sha256', payload, privateKey)]
  })
}

function oneHmac() {
  const secret = createSecretKey(randomBytes(32))
  const input = randomBytes(41)
  return sync('one HMAC-SHA-256', () => createHmac('sha256', secret).update(input).digest())
}

async function refreshes(name: string) {
  const { server, tokens } = await serverWithFamilies(100)
  return sequential(name, async (index) => {
    const at = index % tokens.length
    const result = await server.refresh({ refreshToken: tokens[at] ?? '' })
    if (!result.ok) throw new Error(result.reason)
    tokens[at] = result.refreshToken
    return result
  })
}

async function forgedRefreshes() {
  const { server, tokens } = await serverWithFamilies(1)
  const token = tokens[0] ?? ''
  // The last character holds six bits of the MAC; another one makes a token that only the MAC gives away.
  const forged = token.slice(0, -1) + (token.endsWith('A') ? 'B' : 'A')
  return sequential('a forged token refused', () => server.refresh({ refreshToken: forged }))
}

async function heapGrowth(refreshesMax: number): Promise<number> {
  const { server, tokens } = await serverWithFamilies(100)
  let early = 0
  for (let index = 1; index <= refreshesMax; index += 1) {
    const at = index % tokens.length
    const result = await server.refresh({ refreshToken: tokens[at] ?? '' })
    if (!result.ok) throw new Error(result.reason)
    tokens[at] = result.refreshToken
    if (index === refreshesMax / 10) early = heapBytes()
  }
  const late = heapBytes()
  keep(tokens)
  return (late - early) / 1e6
}

function heapBytes(): number {
  if (globalThis.gc === undefined) throw new Error('start with node --expose-gc')
  for (let pass = 0; pass < 3; pass += 1) globalThis.gc()
  return process.memoryUsage().heapUsed
}

/** A server as anybody would make it; only the rest after a rotation is off, so that every refresh rotates. */
async function serverWithFamilies(count: number): Promise<{ readonly server: TokenServer; readonly tokens: string[] }> {
  const server = createTokenServer({
    issuer: 'https://auth.example.com',
    audience: 'https://api.example.com',
    clientId: 'web',
    keys: [await generateKey('ES256')],
    refreshTokenSecrets: [{ id: 1, secret: randomBytes(32) }],
    storage: memoryStorage(),
    policy: { gracePeriodSeconds: 0 },
  })
  const tokens: string[] = []
  for (let index = 0; index < count; index += 1) {
    const issued = await server.issue({ subject: `user_${index}`, scope: 'orders:read orders:write' })
    tokens.push(issued.refreshToken)
  }
  return { server, tokens }
}
