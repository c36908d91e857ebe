// What stands in the store before and after a step: families change only where somebody touched them, and only onwards.
import { decodeRecord, type RefreshTokenFamily } from '@tallystick/refresh-token'
import type { World } from '../world.ts'
import type { Household } from './household.ts'

/** Every family's stored text before a step. */
export type RecordsBefore = ReadonlyMap<Household, string | undefined>

/** Reads the records of all families, past the server. */
export async function readFamilies(world: World, households: readonly Household[]): Promise<RecordsBefore> {
  const texts = new Map<Household, string | undefined>()
  for (const household of households) {
    texts.set(household, (await world.storage.records.read(`sign-in:${household.jar.familyId}`))?.text)
  }
  return texts
}

/** Compares. @returns What must not have happened. */
export async function compareRecords(
  world: World,
  before: RecordsBefore,
  touched: ReadonlySet<Household>,
): Promise<readonly string[]> {
  const after = await readFamilies(world, [...before.keys()])
  const violations: string[] = []
  for (const [household, text] of before) {
    const now = after.get(household)
    if (text === undefined && now !== undefined) violations.push('a family that was gone came back')
    if (text === undefined || now === undefined || text === now) continue
    if (!touched.has(household)) violations.push('a family changed that nobody touched')
    violations.push(...compare(decodeRecord(text), decodeRecord(now)))
  }
  return violations
}

function compare(before: RefreshTokenFamily, after: RefreshTokenFamily): readonly string[] {
  const violations: string[] = []
  if (before.status === 'revoked' && after.status === 'active') violations.push('a revoked family came back to life')
  if (after.generation < before.generation) violations.push('a generation went back')
  if (after.absoluteExpiresAt !== before.absoluteExpiresAt) violations.push('a rotation moved the absolute end')
  if (after.rotatedAt < before.rotatedAt) violations.push('a rotation lies before the one it followed')
  return violations
}
