// What must not compile: changing state on the word of a judgement that does not allow it.
import { type CsrfJudgement, judgeRequest, resolveCsrfPolicy } from '../src/csrf.ts'

const policy = resolveCsrfPolicy({ targetOrigins: ['https://app.example.com'] })
const judged: CsrfJudgement = judgeRequest({ method: 'POST', header: () => undefined }, policy)

declare function change(permission: Extract<CsrfJudgement, { readonly mayChangeState: true }>): void

// @ts-expect-error A judgement may be a refusal.
change(judged)
// @ts-expect-error A request that passed may be one of a safe method.
if (judged.ok) change(judged)
if (judged.ok && judged.mayChangeState) change(judged)
// @ts-expect-error A safe method is no evidence.
if (judged.ok && judged.mayChangeState) judged.by satisfies 'safe_method'
// @ts-expect-error A policy as it was written is not one that was checked.
judgeRequest({ method: 'POST', header: () => undefined }, { targetOrigins: ['https://app.example.com'] })
