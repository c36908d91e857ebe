// The umbrella for a first install: token server, keys, memory storage.
export { isTokenError, orThrow, TokenError } from '@tallystick/core'
export { generateKey, importKey, toJwks } from '@tallystick/jwt'
export type { SigningKey } from '@tallystick/jwt'
export { createTokenServer } from '@tallystick/server'
export type { ServerEvent, TokenServer, TokenServerOptions, TokenSet } from '@tallystick/server'
export { memoryStorage } from '@tallystick/storage-memory'
