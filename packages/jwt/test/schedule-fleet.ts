// A fleet in simulated time: processes that sign by one stored plan, verifiers with key sets of any permitted age, and
// clocks that are as wrong as permitted. Everything is late as often as not: a read just before a write, a fetch just
// before the next read, a token in the first and in the last millisecond.
import type { NumericDate } from '@tallystick/core'
import { numericDate } from '@tallystick/core'
import type { VerificationKey } from '../src/key.ts'
import type { Issuer } from '../src/issue.ts'
import { createIssuer } from '../src/issue.ts'
import { toJwks } from '../src/jwks.ts'
import type { KeyPlanCommand } from '../src/schedule-command.ts'
import { decideKeyPlan } from '../src/schedule-decide.ts'
import type { KeySchedule } from '../src/schedule-keys.ts'
import type { KeyPlan } from '../src/schedule-plan.ts'
import { retiresAt } from '../src/schedule-plan.ts'
import type { KeySchedulePolicy, ResolvedKeySchedulePolicy } from '../src/schedule-policy.ts'
import { resolveSchedulePolicy } from '../src/schedule-policy.ts'
import { refuse } from '../src/refusals.ts'
import { decodeKeyPlan, encodeKeyPlan } from '../src/schedule-record.ts'
import { openSchedule } from '../src/schedule.ts'
import type { SyncVerifier } from '../src/verify.ts'
import { createSyncVerifier } from '../src/verify.ts'
import type { PooledKey } from './schedule-pool.ts'
import { random, Timeline } from './schedule-timeline.ts'
import { countingEntropy, forge, goodClaims, headerOf, parties } from './tokens.ts'

/** A policy with nothing left to defaults. */
export type FleetPolicy = { readonly [Field in keyof KeySchedulePolicy]-?: number }

/** What a run does. */
export interface FleetSettings {
  readonly seed: number
  readonly policy: FleetPolicy
  readonly takeovers: number
  readonly pool: readonly PooledKey[]
  /** Plants a fault: the windows that the machine works with instead of the computed ones. */
  readonly fault?: (policy: ResolvedKeySchedulePolicy) => ResolvedKeySchedulePolicy
}

/** How often each thing happened. */
export type Outcomes = Map<string, number>

interface Process {
  readonly aheadMilliseconds: number
  readonly schedule: KeySchedule
  readonly issuer: Issuer
  readonly verifier: SyncVerifier
  reads: number
}

interface Holder {
  readonly aheadMilliseconds: number
  verifier: SyncVerifier
  fetches: number
  /** Until when it stays with a set that was old when it got it. */
  staleUntil: number
}

interface Issued {
  readonly token: string
  readonly keyId: string
  readonly exp: number
}

/** Runs a fleet and counts; `failed` and everything with `accepted late` or `private` must stay away. */
export async function runFleet(settings: FleetSettings): Promise<Outcomes> {
  const fleet = new Fleet(settings)
  await fleet.run()
  return fleet.outcomes
}

class Fleet {
  readonly outcomes: Outcomes = new Map()
  readonly #settings: FleetSettings
  readonly #policy: ResolvedKeySchedulePolicy
  readonly #random: () => number
  readonly #processes: readonly Process[]
  readonly #holders: readonly Holder[]
  readonly #material: Map<string, PooledKey>
  readonly #verifiers = new Map<string, SyncVerifier>()
  readonly #hurried = new Set<string>()
  readonly #tookOver = new Set<string>()
  readonly #compromised = new Map<string, number>()
  readonly #time = new Timeline(START)
  #stored: string
  #used = 1
  #decoded: { readonly text: string; readonly plan: KeyPlan } | undefined

  constructor(settings: FleetSettings) {
    this.#settings = settings
    this.#random = random(settings.seed)
    this.#material = new Map(settings.pool.map((pooled) => [pooled.key.keyId, pooled]))
    const resolved = resolveSchedulePolicy(settings.policy)
    this.#policy = settings.fault?.(resolved) ?? resolved
    const first = settings.pool[0] as PooledKey
    const at = numericDate(START / 1000)
    const { keyId, algorithm } = first.key
    const { retentionSeconds } = this.#policy
    const plan = {
      version: 0,
      changedAt: at,
      keys: [{ keyId, algorithm, announcedAt: at, signsFrom: at, retentionSeconds }],
    }
    this.#stored = encodeKeyPlan(plan)
    const tolerance = settings.policy.clockToleranceSeconds * 1000
    const somewhere = () => Math.round((this.#random() * 2 - 1) * tolerance)
    // The slowest, the fastest, and some between.
    this.#processes = [-tolerance, tolerance, somewhere(), somewhere()].map((aheadMilliseconds) => {
      const schedule = openSchedule(plan, [first.key], this.#policy)
      const lifetimeSeconds = settings.policy.tokenLifetimeSecondsMax
      const issuer = createIssuer({ ...parties, lifetimeSeconds, keys: schedule })
      return { aheadMilliseconds, schedule, issuer, verifier: this.#verifierOf(schedule), reads: 0 }
    })
    const set = this.#verifierOf([first.published])
    this.#holders = [-tolerance, tolerance, somewhere()].map((aheadMilliseconds) => ({
      aheadMilliseconds,
      verifier: set,
      fetches: 0,
      staleUntil: 0,
    }))
  }

  async run(): Promise<void> {
    for (const process of this.#processes) this.#readAt(this.#time.now, process)
    for (const holder of this.#holders) this.#fetchAt(this.#time.now, holder, this.#any(this.#processes))
    this.#planWrite(this.#time.now + 1000)
    await this.#time.run()
    this.outcomes.set('taken over', this.#tookOver.size)
  }

  // --- what happens by itself: plans are read and key sets fetched, at the latest when they are too old

  #readAt(at: number, process: Process, isLazy = false): void {
    if (this.#settings.policy.planCacheSecondsMax === 0) return
    const turn = (process.reads += 1)
    this.#time.at(at, () => {
      if (turn !== process.reads) return
      this.#read(process)
      this.#readAt(this.#time.now + this.#gap(this.#settings.policy.planCacheSecondsMax, isLazy), process)
    })
  }

  #read(process: Process): void {
    const plan = this.#plan()
    if (plan === process.schedule.plan) return
    process.schedule.adopt(
      plan,
      plan.keys.flatMap(({ keyId }) => this.#material.get(keyId)?.key ?? []),
    )
  }

  #fetchAt(at: number, holder: Holder, process: Process, isLazy = false): void {
    if (this.#settings.policy.jwksCacheSecondsMax === 0) return
    const turn = (holder.fetches += 1)
    this.#time.at(at, () => {
      if (turn !== holder.fetches) return
      this.#fetch(holder, process)
      const gap = this.#gap(this.#settings.policy.jwksCacheSecondsMax, isLazy)
      this.#fetchAt(this.#time.now + gap, holder, this.#any(this.#processes))
    })
  }

  /** Where nothing may be kept, everything is read when it is used. */
  #refresh(at: Holder | Process): void {
    const { planCacheSecondsMax, jwksCacheSecondsMax } = this.#settings.policy
    if ('fetches' in at && jwksCacheSecondsMax === 0) this.#fetch(at, this.#any(this.#processes))
    if ('reads' in at && planCacheSecondsMax === 0) this.#read(at)
  }

  #fetch(holder: Holder, process: Process): void {
    this.#refresh(process)
    const { keys } = toJwks(process.schedule, this.#clock(process))
    for (const jwk of keys) {
      const isPrivate = PRIVATE_MEMBERS.some((member) => Object.hasOwn(jwk, member))
      this.#count(isPrivate ? 'private member published' : 'key published')
    }
    holder.verifier = this.#verifierOf(keys.flatMap(({ kid }) => this.#material.get(kid)?.published ?? []))
  }

  // --- what somebody does: one process decides on the stored plan and writes

  /** Decides when the next write will be, and lets some process and verifier be as late as they may about it. */
  #planWrite(about: number): void {
    const [slowest, fastest] = this.#processes as [Process, Process]
    const writer = this.#flip() ? slowest : this.#any(this.#processes)
    // The last millisecond of a second of the writer's clock, or any.
    const second = Math.floor((about + writer.aheadMilliseconds) / 1000) * 1000
    const at = this.#flip() ? Math.max(about, second + 999 - writer.aheadMilliseconds) : about
    this.#time.at(at, () => this.#write(writer))
    const late = this.#flip() ? fastest : this.#any(this.#processes)
    if (late === writer || at - 1 <= this.#time.now || !this.#flip()) return
    const { planCacheSecondsMax } = this.#settings.policy
    const lastly = at - 1 + planCacheSecondsMax * 1000
    this.#time.at(at - 1, () => {
      this.#read(late)
      this.#readAt(lastly, late)
    })
    const holder = this.#any(this.#holders)
    this.#time.at(lastly - 1, async () => {
      await this.#sign(late)
      this.#fetch(holder, late)
      holder.staleUntil = this.#time.now + this.#gap(this.#settings.policy.jwksCacheSecondsMax, true)
      this.#fetchAt(holder.staleUntil, holder, late)
    })
  }

  #write(writer: Process): void {
    this.#read(writer)
    const now = this.#clock(writer)
    const { schedule } = writer
    const command = this.#choose(schedule, now)
    const before = schedule.viewAt(now)
    const decision = schedule.decide(command, now)
    // Another process decides the same of the same text.
    const twin = JSON.stringify(decideKeyPlan(decodeKeyPlan(this.#stored), command, now, this.#policy))
    this.#count(twin === JSON.stringify(decision) ? 'the same answer' : 'two answers')
    this.#count(decision.outcome === 'accepted' ? `${command.type}: ${decision.verdict}` : decision.reason)
    if (decision.outcome === 'accepted' && decision.state !== schedule.plan) {
      this.#stored = encodeKeyPlan(decision.state)
      this.#read(writer)
      if (command.type === 'announce' || command.type === 'replace') {
        this.#used += 1
        if (before.signing === undefined) this.#hurried.add(command.key.keyId)
      }
      if (command.type === 'compromised') {
        this.#compromised.set(command.keyId, this.#time.now)
        const successor = schedule.viewAt(now).signing
        if (successor !== undefined && successor.announcedAt + this.#policy.leadSeconds > now)
          this.#hurried.add(successor.keyId)
        this.#tryStolen(command.keyId, now + this.#policy.leadSeconds, now + this.#policy.leadSeconds)
      }
      this.#watchTakeover(schedule, now)
    }
    const { waiting } = schedule.viewAt(now)
    const next = waiting === undefined ? this.#time.now + 1 : waiting.signsFrom * 1000
    // Sometimes while a key waits, mostly when it has begun.
    const isSoon = waiting !== undefined && this.#random() < 0.4
    const about = isSoon
      ? this.#time.now + Math.floor(this.#random() * (next - this.#time.now))
      : next + this.#below(20_000)
    if (this.#tookOver.size < this.#settings.takeovers) this.#planWrite(Math.max(this.#time.now + 2, about))
    else if (this.#time.end === Number.POSITIVE_INFINITY)
      this.#time.end = next + (this.#policy.retentionSeconds + 100) * 2000
  }

  #choose(schedule: KeySchedule, now: NumericDate): KeyPlanCommand {
    const { signing, waiting } = schedule.viewAt(now)
    const dice = this.#random()
    const { key } = this.#settings.pool[this.#used] as PooledKey
    if (dice < 0.02) return { type: 'compromised', keyId: (this.#flip() ? signing : waiting)?.keyId ?? key.keyId }
    if (waiting === undefined) return { type: dice < 0.5 ? 'announce' : 'replace', key }
    if (dice < 0.1) return { type: 'retire', keyId: (dice < 0.03 ? signing : waiting)?.keyId ?? key.keyId }
    return dice < 0.9 ? { type: 'activate', keyId: waiting.keyId } : { type: 'tick' }
  }

  /** Tokens at the edges of the coming takeover: each process's last of the old key, and its first of the new one. */
  #watchTakeover(schedule: KeySchedule, now: NumericDate): void {
    const { signing, waiting } = schedule.viewAt(now)
    if (waiting === undefined) return
    this.#time.at(waiting.signsFrom * 1000, () => {
      if (this.#planned(waiting.keyId)?.signsFrom === waiting.signsFrom) this.#tookOver.add(waiting.keyId)
    })
    for (const process of this.#processes) {
      const begins = waiting.signsFrom * 1000 - process.aheadMilliseconds
      for (const at of [begins - 1, begins]) if (at > this.#time.now) this.#time.at(at, () => this.#sign(process))
    }
    const planned = signing === undefined ? undefined : this.#planned(signing.keyId)
    if (planned === undefined || !Number.isFinite(retiresAt(planned))) return
    const { jwksCacheSecondsMax, clockToleranceSeconds } = this.#settings.policy
    const everywhere = retiresAt(planned) + jwksCacheSecondsMax + 2 * clockToleranceSeconds
    this.#tryStolen(planned.keyId, retiresAt(planned), everywhere)
  }

  // --- tokens

  async #sign(process: Process): Promise<void> {
    this.#refresh(process)
    const now = this.#clock(process)
    const { signing } = process.schedule.viewAt(now)
    if (signing === undefined) return this.#count('nobody signs')
    const longest = this.#settings.policy.tokenLifetimeSecondsMax
    const exp = now + (this.#flip() ? longest : 1 + this.#below(longest))
    const claims = { sub: 'user_42', client_id: 'web', exp }
    const issued = { token: await process.issuer.issue(claims, now, countingEntropy()), keyId: signing.keyId, exp }
    const isSeen = !this.#hurried.has(signing.keyId) || now >= signing.announcedAt + this.#policy.leadSeconds
    this.#count(isSeen ? 'issued' : 'issued by a successor in haste')
    if (!isSeen) return
    for (const at of [...this.#holders, ...this.#processes]) {
      this.#check(issued, at)
      const lastly = (exp + this.#settings.policy.clockToleranceSeconds) * 1000 - at.aheadMilliseconds - 1
      if (this.#flip()) continue
      this.#time.at(lastly, () => {
        // In its last millisecond, against a set that was fetched from the fastest clock, or against what there is.
        if ('fetches' in at && this.#time.now > at.staleUntil) this.#fetch(at, this.#processes[1] as Process)
        this.#check(issued, at)
      })
    }
  }

  #check({ token, keyId, exp }: Issued, at: Holder | Process): void {
    this.#refresh(at)
    const now = this.#clock(at)
    const result = at.verifier.verify(token, now)
    if (result.ok) return this.#count('fetches' in at ? 'verified with a cached set' : 'verified by an issuer')
    if (this.#compromised.has(keyId)) return this.#count('died with a compromised key')
    // A clock that is behind the issuer's by more than the verifiers accept is no matter of keys.
    if (result.reason === 'jwt/issued_in_future' || now >= exp + this.#settings.policy.clockToleranceSeconds)
      return this.#count('no longer or not yet valid')
    this.#count('failed')
  }

  /** Whoever has a key that ended forges with it: in vain from its time on, everywhere and in every process. */
  #tryStolen(keyId: string, inProcesses: number, everywhere: number): void {
    const { key } = this.#material.get(keyId) as PooledKey
    const ends = this.#planned(keyId)
    const token = forge(key, headerOf(key), { ...goodClaims, iat: START / 1000, exp: 9_999_999_999 })
    const isStill = () => JSON.stringify(this.#planned(keyId)) === JSON.stringify(ends)
    for (const [at, seconds] of [
      ...this.#processes.map((process) => [process, inProcesses] as const),
      ...this.#holders.map((holder) => [holder, everywhere] as const),
    ]) {
      const time = seconds * 1000 - at.aheadMilliseconds
      const present = () => {
        this.#refresh(at)
        return at.verifier.verify(token, this.#clock(at)).ok
      }
      if (this.#flip()) continue
      this.#time.at(Math.max(time - 1, this.#time.now), () =>
        this.#count(present() ? 'stolen, accepted before' : 'stolen, refused before'),
      )
      this.#time.at(time, () => {
        if (isStill()) this.#count(present() ? 'stolen, accepted late' : 'stolen, refused from its time on')
      })
    }
  }

  // --- means

  #planned(keyId: string) {
    return this.#plan().keys.find((key) => key.keyId === keyId)
  }

  #plan(): KeyPlan {
    if (this.#decoded?.text !== this.#stored) this.#decoded = { text: this.#stored, plan: decodeKeyPlan(this.#stored) }
    return this.#decoded.plan
  }

  #verifierOf(keys: readonly VerificationKey[] | KeySchedule): SyncVerifier {
    const { clockToleranceSeconds } = this.#settings.policy
    const options = { ...parties, algorithms: ['Ed25519'] as const, clockToleranceSeconds }
    if (!Array.isArray(keys)) return createSyncVerifier({ ...options, keys })
    if (keys.length === 0) return { verify: () => refuse('jwt/unknown_key') }
    const name = (keys as readonly VerificationKey[]).map(({ keyId }) => keyId).join()
    const verifier = this.#verifiers.get(name) ?? createSyncVerifier({ ...options, keys })
    this.#verifiers.set(name, verifier)
    return verifier
  }

  #clock({ aheadMilliseconds }: { readonly aheadMilliseconds: number }): NumericDate {
    return numericDate(Math.floor((this.#time.now + aheadMilliseconds) / 1000))
  }

  /** Until the next read or fetch: as late as permitted, or any time before. */
  #gap(secondsMax: number, isLazy: boolean): number {
    const most = secondsMax * 1000
    return Math.max(1, isLazy || this.#random() < 0.3 ? most : this.#below(most))
  }

  #count(outcome: string): void {
    this.outcomes.set(outcome, (this.outcomes.get(outcome) ?? 0) + 1)
  }

  #any<One>(list: readonly One[]): One {
    return list[this.#below(list.length)] as One
  }

  #below(count: number): number {
    return Math.floor(this.#random() * count)
  }

  #flip(): boolean {
    return this.#random() < 0.5
  }
}

const START = 1_790_000_000_000
const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv']
