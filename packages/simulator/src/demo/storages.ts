// The storages that the demo can run on, by the name that `--storage` takes.
import { memoryStorage } from '@tallystick/storage-memory'
import type { Ground } from '../world.ts'
import { openSqlite } from './sqlite.ts'

/** Storages by name; each opens a fresh, empty one. */
export type Storages = ReadonlyMap<string, Ground['openStorage']>

/** Those that the demo has. */
export const storages: Storages = new Map<string, Ground['openStorage']>([
  ['memory', (clock) => Promise.resolve(memoryStorage({ clock }))],
  ['sqlite', openSqlite],
])
