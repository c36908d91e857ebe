// Honest clients and thieves do what their laws say, whatever the server answers.
import { describe, expect, it } from 'vitest'
import { openClient, openClients, signIn } from '../src/client.ts'
import { nameOf } from '../src/outcome.ts'
import { steal } from '../src/thief.ts'
import { createWorld, layGround, type World } from '../src/world.ts'

const world = async (): Promise<World> => createWorld(await layGround(5))

describe('a jar with keys', () => {
  it('keeps one attempt key per stored token, also when the same successor arrives twice', async () => {
    const here = await world()
    const jar = await signIn(here, { keyed: true })
    const before = jar.read().attemptKey
    const [first, second] = openClients(here, jar, 2).map((tab) => tab.send())
    await first?.deliver()
    const after = jar.read().attemptKey
    await second?.deliver()
    expect(after).not.toBe(before)
    expect(jar.read().attemptKey).toBe(after)
  })

  it('is not set back by an answer that arrives late', async () => {
    const here = await world()
    const jar = await signIn(here, { keyed: true })
    const late = openClient(here, jar).send()
    await late.arrive()
    here.clock.advance(20)
    await openClient(here, jar).refresh()
    here.clock.advance(20)
    await openClient(here, jar).refresh()
    const newest = jar.read().refreshToken
    await late.deliver()
    expect(jar.read().refreshToken).toBe(newest)
  })
})

describe('an honest client', () => {
  it('reads its jar again when it is superseded, and gives up when there is nothing new', async () => {
    const here = await world()
    const jar = await signIn(here, { keyed: true })
    const thief = steal(here, jar, 'own')
    await thief.refresh()
    here.clock.advance(1)
    expect(nameOf(await openClient(here, jar).refresh())).toBe('superseded')
  })
})

describe('a thief', () => {
  it('lives on his own copy: what he gets, the jar does not', async () => {
    const here = await world()
    const jar = await signIn(here, { keyed: true })
    const kept = jar.read()
    const thief = steal(here, jar)
    expect(nameOf(await thief.refresh())).toBe('rotated')
    expect(thief.refreshToken).not.toBe(kept.refreshToken)
    expect(jar.read()).toEqual(kept)
  })

  it('with the whole store, key and all, gets that generation: nobody promises otherwise', async () => {
    const here = await world()
    const jar = await signIn(here, { keyed: true })
    const thief = steal(here, jar, 'stolen')
    const honest = await openClient(here, jar).refresh()
    here.clock.advance(3600)
    expect([nameOf(honest), nameOf(await thief.refresh())]).toEqual(['rotated', 'retried'])
  })
})
