// The part of jsonwebtoken, which ships no types, that the interop tests call.
declare module 'jsonwebtoken' {
  const jsonwebtoken: {
    sign(payload: object, key: unknown, options: object): string
    verify(token: string, key: unknown, options: object): unknown
  }
  export default jsonwebtoken
}
