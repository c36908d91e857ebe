// Where a request of the page may go: every trick by which a path has left its target, and what stays possible.
import { describe, expect, test } from 'vitest'
import { type ApiRoute, resolveRoutes, routeOf, targetUrl } from '../src/api-route.ts'

const orders: ApiRoute = { path: '/api/orders', methods: ['GET'], target: 'https://orders.internal/v1/orders' }
const root: ApiRoute = { path: '/api', methods: ['GET'], target: 'https://api.internal' }
const routes = resolveRoutes('test', [root, orders])

/** Where raw text of a request line goes, as a URL parser hands it over or as it stands. */
function aim(text: string): string | undefined {
  const [pathname = '', query] = text.split(/\?(.*)/s)
  const route = routeOf(routes, pathname)
  return route && targetUrl(routes, route, pathname, query === undefined ? '' : `?${query}`)
}

test.each([
  ['/api/orders', 'https://orders.internal/v1/orders'],
  ['/api/orders/', 'https://orders.internal/v1/orders/'],
  ['/api/orders/7/items', 'https://orders.internal/v1/orders/7/items'],
  ['/api/orders/%C3%A4%20b', 'https://orders.internal/v1/orders/%C3%A4%20b'],
  ['/api/orders/a%40b.example', 'https://orders.internal/v1/orders/a%40b.example'],
  ['/api/orders/a.json', 'https://orders.internal/v1/orders/a.json'],
  ['/api/orders/...', 'https://orders.internal/v1/orders/...'],
  [
    '/api/orders?from=https://evil.example/&x=../..',
    'https://orders.internal/v1/orders?from=https://evil.example/&x=../..',
  ],
  ['/api', 'https://api.internal/'],
  ['/api/ordersish', 'https://api.internal/ordersish'],
  ['/api/%6Frdersish', 'https://api.internal/%6Frdersish'],
  ['/api/x/orders', 'https://api.internal/x/orders'],
  ['/api/orders/%6F', 'https://orders.internal/v1/orders/%6F'],
  ['/api/orders/%E4%BD%A0%2B', 'https://orders.internal/v1/orders/%E4%BD%A0%2B'],
])('BF-1 %s goes to %s', (text, url) => {
  expect(aim(text)).toBe(url)
})

const tricks = [
  '/api/orders/..',
  '/api/orders/../admin',
  '/api/orders/./x',
  '/api/orders/..;/admin',
  '/api/orders/;/x',
  '/api/orders/%2e%2e/admin',
  '/api/orders/%2E%2e',
  '/api/orders/.%2e/x',
  '/api/orders/%2e',
  '/api/orders/%252e%252e/x',
  '/api/orders/%25',
  '/api/orders/a%2fb',
  '/api/orders/a%2Fb',
  '/api/orders/%5c',
  '/api/orders/a%5Cb',
  '/api/orders\\..\\admin',
  '/api/orders/\\evil.example',
  '/api/orders//',
  '/api/orders//evil.example',
  '/api//evil.example',
  '/api///evil.example',
  '/api/@evil.example',
  '/api/orders@evil.example',
  '/api/orders/x@evil.example',
  '/api/orders:80@evil.example/',
  '/api/orders/%00',
  '/api/orders/%0d%0aHost:evil',
  '/api/orders/%0A',
  '/api/orders/%7f',
  '/api/orders/%3b',
  '/api/orders/a b',
  '/api/orders/ä',
  '/api/orders/a\r\nb',
  '/api/orders/a\tb',
  '/api/orders/\u{FF0F}',
  '/api/orders/\u{2024}\u{2024}/x',
  '/api/orders/%',
  '/api/orders/%g0',
  '/api/orders/#x',
  '/api/orders?a#b',
  '/api/orders?a b',
  '/api/orders?a\r\nb',
  '/api/orders?ä',
  '/api/orders?"x"',
  "/api/orders?a='",
  // What another decoder reads as structure: a query, a fragment, a text that is no UTF-8.
  '/api/orders/a%3Fb',
  '/api/orders/a%23b',
  '/api/orders/%C0%AE%C0%AE/x',
  '/api/orders/%E0%80%AFx',
  '/api/orders/%FF',
  // Names of `orders` that would get by its own route, and so by its scope and its requirement.
  '/api/%6Frders',
  '/api/%6frders/7',
  '/api/order%73/7',
  '/api/ORDERS/7',
  '/api/%4Frders',
  '/api/orders/"',
  '/api/orders/<x>',
  '/api/orders/`',
  '/api/orders/{x}',
  '/api/orders/[::1]',
  `/api/orders/${'a'.repeat(8000)}`,
  `/api/orders?${'a'.repeat(8000)}`,
]
test.each(tricks)('BF-1 %j goes nowhere', (text) => {
  expect(aim(text)).toBeUndefined()
})

test.each([
  '/',
  '/apis',
  '/API/orders',
  '//api/orders',
  'api/orders',
  'https://evil.example/api/orders',
  '/x/api/orders',
  '',
])('BF-1 no route takes %j', (text) => {
  expect(aim(text)).toBeUndefined()
})

test('BF-1 whatever a URL parser makes of a request, it goes to its target’s host and below its path', () => {
  const pieces = [
    '..',
    '.',
    '%2e',
    '%2E%2e',
    '/',
    '\\',
    '//',
    '@',
    ':',
    'evil.example',
    '%2f',
    '%5c',
    ';',
    '?',
    '#',
    'a',
    ' ',
    '\t',
    '%',
    '%25',
  ]
  let aimed = 0
  let refused = 0
  for (const one of pieces)
    for (const two of pieces)
      for (const three of pieces) {
        const { pathname, search } = new URL(`https://app.example.com/api/orders/${one}${two}${three}`)
        const route = routeOf(routes, pathname)
        const url = route && targetUrl(routes, route, pathname, search)
        if (url === undefined) refused += 1
        else {
          aimed += 1
          const { origin, pathname: path, username, hash } = new URL(url)
          const [host, prefix] =
            route === routes[0] ? ['https://orders.internal', '/v1/orders'] : ['https://api.internal', '/']
          expect([origin, path.startsWith(prefix), username, hash], url).toEqual([host, true, '', ''])
          expect(new URL(url).href, 'the parser reads what was written').toBe(url)
        }
      }
  expect(aimed).toBeGreaterThan(500)
  expect(refused).toBeGreaterThan(500)
})

test('a route whose path is written with percent signs or capitals is found under it', () => {
  const made = resolveRoutes('test', [root, { ...orders, path: '/api/%C3%84rzte/A' }])
  const [route] = made
  expect(routeOf(made, '/api/%C3%84rzte/A/7')).toBe(route)
  expect(route && targetUrl(made, route, '/api/%C3%84rzte/A/7', '')).toBe('https://orders.internal/v1/orders/7')
})

describe('a route is checked when it is made', () => {
  const made = (route: Partial<ApiRoute>) => () => resolveRoutes('test', [{ ...orders, ...route }])
  test.each([
    'http://orders.internal/v1',
    'https://user@orders.internal/v1',
    'https://user:pw@orders.internal/',
    'https://orders.internal/v1?x=1',
    'https://orders.internal/v1#x',
    'https://orders.internal/../v1',
    'https://orders.internal/a//b',
    'ftp://orders.internal/',
    'file:///etc/passwd',
    'javascript:alert(1)',
    '//orders.internal/v1',
    '/v1',
    '',
    'https://',
    'https:\\orders.internal',
    'https://ORDERS.internal/v1',
    'http://169.254.169.254/latest',
    'http://localhost.evil.example/',
    7,
  ])('BF-1 the target %j is a mistake', (target) => {
    expect(made({ target: target as string })).toThrow(/routes\.0\.target must be an https URL/)
  })
  test.each([
    'https://orders.internal',
    'https://orders.internal/',
    'https://orders.internal:8443/v1',
    'http://localhost:4000/v1',
    'http://[::1]:4000',
  ])('the target %s is taken', (target) => {
    expect(made({ target })).not.toThrow()
  })
  test.each(['', '/', 'api', '/api/', '/a//b', '/a/../b', '/a/%2e', '/a?b', 7])('the path %j is a mistake', (path) => {
    expect(made({ path: path as string })).toThrow(/routes\.0\.path must be/)
  })
  test.each([[[]], [['get']], [['TRACE']], [['CONNECT']], [['GET', 'X']], ['GET']])(
    'the methods %j are a mistake',
    (methods) => {
      expect(made({ methods: methods as string[] })).toThrow(/routes\.0\.methods must be/)
    },
  )
  test('two routes of one path, and none at all, are a mistake', () => {
    for (const path of [orders.path, '/api/Orders', '/api/%6Frders'])
      expect(() => resolveRoutes('test', [orders, { ...orders, path }])).toThrow(
        /routes\.1\.path must be the path of one/,
      )
    expect(() => resolveRoutes('test', [])).toThrow(/routes must be a list/)
  })
})
