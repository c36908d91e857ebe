// A driver whose errors quote everything that it was ever sent, as real ones do.
import type { Storage } from '@tallystick/storage'
import { interceptStorage } from '@tallystick/storage/faults'

/** Wraps a storage; every n-th call fails, 0 for none. */
export function wrapFailing(
  storage: Storage,
  driver: { readonly failEvery: number; readonly quoted: readonly string[] },
): Storage {
  return interceptStorage(storage, {
    before({ index, method, key }) {
      if (driver.failEvery === 0 || index % driver.failEvery !== 0) return
      const text = `${method} ${key} ${driver.quoted.join(' ')}`
      throw Object.assign(new Error(text, { cause: new Error(text) }), {
        name: text,
        code: driver.quoted[0],
        query: text,
        parameters: driver.quoted,
      })
    },
  })
}
