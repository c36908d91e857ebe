// The API behind the Hono example: it takes access tokens with the scope `orders`, and no cookies.
import type { TokenServer } from '@tallystick/server'
import { Hono } from 'hono'

export function createOrders(tokens: Pick<TokenServer, 'verify'>): Hono {
  const orders = new Map<string, string[]>()
  return new Hono().all('/orders', async ({ req, json }) => {
    const [, token = ''] = /^Bearer (\S+)$/.exec(req.header('authorization') ?? '') ?? []
    const verified = await tokens.verify(token)
    if (!verified.ok)
      return json({ error: 'invalid_token' }, 401, { 'www-authenticate': 'Bearer error="invalid_token"' })
    const { sub, scope } = verified.claims
    if (!String(scope).split(' ').includes('orders')) return json({ error: 'insufficient_scope' }, 403)
    const own = orders.get(sub) ?? []
    if (req.method === 'POST') orders.set(sub, [...own, await req.text()])
    return json(orders.get(sub) ?? [])
  })
}
