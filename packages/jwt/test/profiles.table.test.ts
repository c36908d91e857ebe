// Per kind: each claim it needs left out, each claim it knows with every wrong JSON type, each claim it must not have.
import { describe, expect, test } from 'vitest'
import type { KindName } from '../src/profile-kinds.ts'
import { kinds } from '../src/profile-kinds.ts'
import { good, headerFor, NAMES, tokenOf, verifierOf } from './profile-samples.ts'
import { forge, keyFor, NOW } from './tokens.ts'

/** What the specifications say, written out a second time. */
const table: Readonly<Record<KindName, { readonly needs: string; readonly forbids: string; readonly id: string }>> = {
  accessToken: {
    id: 'AT-2',
    needs: 'iss aud exp iat sub client_id jti',
    forbids: 'nonce at_hash c_hash events token_introspection htm htu ath status_list req_wl',
  },
  idToken: {
    id: 'JW-22',
    needs: 'iss sub aud exp iat',
    forbids: 'client_id events token_introspection htm htu ath status_list req_wl',
  },
  logoutToken: {
    id: 'LO-1',
    needs: 'iss aud iat exp jti events',
    forbids: 'nonce client_id at_hash c_hash token_introspection htm htu ath status_list req_wl',
  },
  securityEvent: {
    id: 'EV-1 EV-2',
    needs: 'iss aud iat jti events sub_id',
    forbids: 'sub exp nonce client_id at_hash c_hash token_introspection htm htu ath status_list req_wl',
  },
  introspectionResponse: {
    id: 'IN-9',
    needs: 'iss aud iat token_introspection',
    forbids: 'sub exp nonce client_id at_hash c_hash events htm htu ath status_list req_wl',
  },
  dpopProof: {
    id: 'DP-2',
    needs: 'jti htm htu iat',
    forbids: 'iss sub aud client_id at_hash c_hash events token_introspection status_list req_wl',
  },
  statusList: {
    id: 'TSL-2',
    needs: 'sub iat status_list',
    forbids: 'aud nonce client_id at_hash c_hash events token_introspection htm htu ath req_wl',
  },
  clientAssertion: {
    id: 'CA-3',
    needs: 'iss sub aud exp jti',
    forbids: 'nonce client_id at_hash c_hash events token_introspection htm htu ath status_list req_wl',
  },
  transactionToken: {
    id: 'TX-6',
    needs: 'iat aud exp txn sub scope req_wl',
    forbids: 'nonce client_id at_hash c_hash events token_introspection htm htu ath status_list',
  },
}

/** One value of each JSON type, and of each form that a claim may have. */
const values: Readonly<Record<string, unknown>> = {
  null: null,
  true: true,
  false: false,
  zero: 0,
  number: NOW + 5,
  negative: -1,
  fraction: 0.5,
  huge: 1e12,
  'empty text': '',
  text: 'text',
  'number as text': String(NOW + 5),
  'empty list': [],
  'list of text': ['text'],
  'list of a number': [1],
  'list of a list': [['text']],
  object: { text: 'text' },
  'object of objects': { text: {} },
  'empty object': {},
}

const TEXTS = ['text', 'number as text']
const TIMES = ['zero', 'number', 'fraction']
/** Of each form, the values above that have it: those may be refused for what they say, but not for their form. */
const forms: Readonly<Record<string, readonly string[]>> = {
  text: TEXTS,
  anyText: [...TEXTS, 'empty text'],
  time: TIMES,
  audience: [...TEXTS, 'list of text'],
  list: ['list of text', 'empty list'],
  object: ['object', 'object of objects', 'empty object'],
  events: ['object of objects'],
  own: [],
  lifetime: ['number'],
}

const claimsOf: Readonly<Record<keyof typeof forms, string>> = {
  text: 'iss sub jti client_id nonce azp at_hash c_hash s_hash acr sid txn htm htu ath req_wl',
  anyText: 'scope',
  time: 'exp iat nbf auth_time toe',
  audience: 'aud',
  list: 'amr',
  object: 'cnf sub_id rctx tctx',
  events: 'events',
  own: 'token_introspection status_list',
  lifetime: 'ttl',
}
const formOf: Readonly<Record<string, keyof typeof forms>> = Object.fromEntries(
  Object.entries(claimsOf).flatMap(([form, claims]) => claims.split(' ').map((claim) => [claim, form])),
)

/** Claims whose value another one fixes: any of the values above is wrong. */
const tied = new Set(['logoutToken events', 'clientAssertion iss', 'clientAssertion sub'])

describe.each(NAMES)('%s', (kind) => {
  const { needs, forbids, id } = table[kind]

  test.each(needs.split(' '))(`${id} JW-17 without %s it is refused`, async (claim) => {
    const key = await keyFor('ES256')
    expect(await verifierOf(kind, key)(tokenOf(kind, key, { [claim]: undefined }))).toBe('jwt/missing_claim')
  })

  test.each(forbids.split(' '))(`${id} JW-22 with %s it is refused, whatever the value`, async (claim) => {
    const key = await keyFor('ES256')
    for (const value of ['text', null, 0, {}, []]) {
      expect(await verifierOf(kind, key)(tokenOf(kind, key, { [claim]: value }))).toBe('jwt/forbidden_claim')
    }
  })

  test.each(Object.keys(kinds[kind].claims))(
    `${id} W31 W32 JW-16 %s of every JSON type is judged by its form, never taken for absent`,
    async (claim) => {
      const key = await keyFor('ES256')
      const verify = verifierOf(kind, key)
      const ofForm = forms[formOf[claim] ?? ''] ?? []
      const given = Object.entries(values).map(
        ([name, value]) =>
          [
            name,
            // No list is cached for longer than a year.
            formOf[claim] === 'lifetime' && name === 'number' ? 300 : value,
          ] as const,
      )
      for (const [name, value] of given) {
        const answer = await verify(tokenOf(kind, key, { [claim]: value }))
        if (ofForm.includes(name) && !tied.has(`${kind} ${claim}`)) expect(answer).not.toMatch(/missing|invalid/)
        else expect([name, answer]).toEqual([name, 'jwt/invalid_claim'])
      }
    },
  )
})

test('the tables of source and test name the same claims', () => {
  for (const kind of NAMES) {
    const needed = Object.entries(kinds[kind].claims).flatMap(([claim, { isRequired }]) => (isRequired ? [claim] : []))
    expect([kind, needed.toSorted()]).toEqual([kind, table[kind].needs.split(' ').toSorted()])
    expect([kind, kinds[kind].forbidden.toSorted()]).toEqual([kind, table[kind].forbids.split(' ').toSorted()])
    for (const claim of Object.keys(kinds[kind].claims)) expect(formOf[claim]).toBeDefined()
  }
})

test.each(['1e999', '1e400', '100000000001', '-1', '"1790000100"', 'null', 'false'])(
  'W31 JW-16 a time written %s is refused by every kind that has it',
  async (written) => {
    const key = await keyFor('ES256')
    let seen = 0
    for (const kind of NAMES) {
      for (const claim of ['exp', 'iat', 'nbf'].filter((name) => Object.hasOwn(kinds[kind].claims, name))) {
        const text = JSON.stringify({ ...good[kind], [claim]: 'MARK' }).replace('"MARK"', written)
        seen += 1
        expect([kind, claim, await verifierOf(kind, key)(forge(key, headerFor(kind, key), text))]).toEqual([
          kind,
          claim,
          'jwt/invalid_claim',
        ])
      }
    }
    expect(seen).toBeGreaterThan(20)
  },
)
