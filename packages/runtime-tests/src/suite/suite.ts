// The whole suite: every check, then what the packages chose in this runtime, as one last line of JSON.
import type { Outcome } from './checks.ts'
import { runChecks } from './checks.ts'
import { cookieChecks } from './cookies.ts'
import { encryptionChecks } from './encryption.ts'
import type { Facts } from './facts.ts'
import { findFacts } from './facts.ts'
import { firstUseCheck } from './first-use.ts'
import { handlerChecks } from './handlers.ts'
import { nodeBridgeChecks } from './node-bridge.ts'
import { primitiveChecks } from './primitives.ts'
import { rotationChecks } from './rotation.ts'
import { scheduleChecks } from './schedule.ts'
import { sealedChecks } from './sealed.ts'
import { sessionChecks } from './sessions.ts'
import { signatureChecks } from './signatures.ts'
import { storageChecks } from './storage.ts'
import { vectorChecks } from './vectors.ts'

/** The suite's last line. */
export interface SuiteReport extends Outcome {
  readonly facts: Facts
}

/** Runs every check and prints, last, the {@link SuiteReport}. */
export async function runSuite(print: (line: string) => void): Promise<SuiteReport> {
  const outcome = await runChecks((check) => {
    primitiveChecks(check)
    vectorChecks(check)
    signatureChecks(check)
    scheduleChecks(check)
    encryptionChecks(check)
    storageChecks(check)
    rotationChecks(check)
    sessionChecks(check)
    sealedChecks(check)
    cookieChecks(check)
    handlerChecks(check)
    nodeBridgeChecks(check)
    firstUseCheck(check)
  }, print)
  const report = { ...outcome, facts: await findFacts() }
  print(JSON.stringify(report))
  return report
}
