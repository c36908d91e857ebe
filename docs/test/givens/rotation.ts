// What examples of the rotation machine may use without saying where it comes from: a policy and a new family.
import { issueFamily, resolvePolicy, type FamilyId } from '@tallystick/refresh-token'
import { now } from './time-and-chance.ts'

/** The default policy. */
export const policy = resolvePolicy({})

/** A family as issued. */
export const family = issueFamily(
  {
    familyId: 'AAAAAAAAAAAAAAAAAAAAAA' as FamilyId,
    subject: 'user_42',
    clientId: 'web',
    scope: 'orders:read',
    resources: ['https://api.example.com'],
    secretId: 1,
  },
  now,
  policy,
).state
