// What a test asks of a process of its own, and what it is answered.

/** A request; each is answered with its {@link Answers}. */
export type Request =
  /** Sets up the connection and the schema. */
  | { readonly ask: 'migrate' }
  /** Adds one to the number under a key so many times, by compare-and-set. */
  | { readonly ask: 'increment'; readonly key: string; readonly times: number }
  | { readonly ask: 'issue'; readonly nowSeconds: number }
  /** Refreshes tokens one after another. */
  | { readonly ask: 'refresh'; readonly refreshTokens: readonly string[]; readonly nowSeconds: number }
  /** Writes numbers from 1 on until it is killed; each is noted in a file once all its writes were answered. */
  | { readonly ask: 'write'; readonly notes: string }

/** What each request is answered with; `write` never is. */
export interface Answers {
  readonly migrate: true
  readonly increment: { readonly lost: number }
  readonly issue: { readonly refreshToken: string; readonly familyId: string }
  readonly refresh: {
    readonly lost: number
    readonly outcomes: readonly { readonly verdict: string; readonly refreshToken?: string | undefined }[]
  }
  readonly write: never
}
