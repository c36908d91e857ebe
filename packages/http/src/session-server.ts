// What the session handlers need of a token server: its sessions, and ending everything of a subject.
import type { TokenServer } from '@tallystick/server'

/** A token server, as far as sessions need it; `createTokenServer` gives one. */
export type SessionServer = Pick<TokenServer, 'sessions' | 'revokeSubject'>
