// WebAuthn ceremonies: each challenge lies in the data of one session, and serves once, for one kind, for a while.
import type { Clock } from '@tallystick/core'
import type { TokenServer } from '@tallystick/server'
import {
  type AuthenticationResponseJSON,
  generateAuthenticationOptions,
  generateRegistrationOptions,
  type RegistrationResponseJSON,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
  type WebAuthnCredential,
} from '@simplewebauthn/server'

/** Your table of passkeys. */
export interface PasskeyTable {
  listOf(subject: string): Promise<readonly WebAuthnCredential[]>
  /** Stores a new one, or one whose counter went on. */
  save(subject: string, passkey: WebAuthnCredential): Promise<void>
}

/** Who asks for passkeys: the domain they are for, and the one origin whose pages may use them. */
export interface RelyingParty {
  readonly id: string
  readonly name: string
  readonly origin: string
}

/** Whose session it is, and the credential that proves it. */
export interface Holder {
  readonly subject: string
  readonly credential: string
}

export interface PasskeyOptions {
  readonly sessions: Pick<TokenServer['sessions'], 'update'>
  readonly table: PasskeyTable
  readonly relyingParty: RelyingParty
  readonly clock: Clock
}

export function createPasskeys({ sessions, table, relyingParty, clock }: PasskeyOptions) {
  const { id: rpID, name: rpName, origin: expectedOrigin } = relyingParty
  const expected = { expectedOrigin, expectedRPID: rpID, requireUserVerification: true } as const

  async function keep({ credential }: Holder, type: Ceremony['type'], challenge: string): Promise<void> {
    const ceremony: Ceremony = { type, challenge, endsAt: clock.now() + CEREMONY_SECONDS }
    await sessions.update(credential, (data) => ({ ...(data as SessionData | null), ceremony }))
  }

  /** Of any number of answers to one challenge, one gets it: the function runs again after a lost race, and finds none. */
  async function take({ credential }: Holder, type: Ceremony['type']): Promise<string | undefined> {
    const found: SessionData = {}
    const taken = await sessions.update(credential, (data) => {
      const { ceremony, ...rest } = { ...(data as SessionData | null) }
      found.ceremony = ceremony
      return rest
    })
    const { ceremony } = found
    return taken.ok && ceremony?.type === type && clock.now() < ceremony.endsAt ? ceremony.challenge : undefined
  }

  return {
    async beginRegistration(holder: Holder) {
      const options = await generateRegistrationOptions({
        rpName,
        rpID,
        userName: holder.subject,
        excludeCredentials: (await table.listOf(holder.subject)).map(({ id }) => ({ id })),
        authenticatorSelection: { userVerification: 'required', residentKey: 'preferred' },
      })
      await keep(holder, 'create', options.challenge)
      return options
    },
    async register(holder: Holder, response: RegistrationResponseJSON): Promise<boolean> {
      const expectedChallenge = await take(holder, 'create')
      if (expectedChallenge === undefined) return false
      const verified = await verifyRegistrationResponse({ response, expectedChallenge, ...expected }).catch(
        () => REFUSED,
      )
      if (!verified.verified) return false
      await table.save(holder.subject, verified.registrationInfo.credential)
      return true
    },
    async beginAuthentication(holder: Holder) {
      const allowCredentials = (await table.listOf(holder.subject)).map(({ id }) => ({ id }))
      if (allowCredentials.length === 0) return undefined
      const options = await generateAuthenticationOptions({ rpID, allowCredentials, userVerification: 'required' })
      await keep(holder, 'get', options.challenge)
      return options
    },
    /** The methods (RFC 8176) that the user has just proved; nothing where the answer is not good. */
    async authenticate(holder: Holder, response: AuthenticationResponseJSON): Promise<readonly string[] | undefined> {
      const expectedChallenge = await take(holder, 'get')
      // A passkey of somebody else is none.
      const credential = (await table.listOf(holder.subject)).find(({ id }) => id === response.id)
      if (expectedChallenge === undefined || credential === undefined) return undefined
      const given = { response, expectedChallenge, credential, ...expected }
      const verified = await verifyAuthenticationResponse(given).catch(() => undefined)
      if (verified?.verified !== true) return undefined
      const { newCounter: counter, credentialDeviceType } = verified.authenticationInfo
      await table.save(holder.subject, { ...credential, counter })
      // A key that stays in its device, or one that is synchronized; that it was unlocked there is a second factor.
      return [credentialDeviceType === 'singleDevice' ? 'hwk' : 'swk', 'user', 'mfa']
    },
  }
}

interface Ceremony {
  readonly type: 'create' | 'get'
  readonly challenge: string
  readonly endsAt: number
}

interface SessionData {
  ceremony?: Ceremony | undefined
}

const CEREMONY_SECONDS = 120
const REFUSED = { verified: false } as const
