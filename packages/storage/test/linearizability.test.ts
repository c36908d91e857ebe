// The search for an order takes any model: here a bounded queue, whose states are lists.
import { expect, test } from 'vitest'
import type { RecordedCall, SequentialSpecification } from '../src/linearizability.ts'
import { isLinearizable } from '../src/linearizability.ts'

/** `put` without `accepted`, and `take` without `taken`, are calls that nobody was answered for. */
type QueueAction =
  | { readonly verb: 'put'; readonly item: number; readonly accepted?: boolean }
  | { readonly verb: 'take'; readonly taken?: number | 'none' }

const queueOfTwo: SequentialSpecification<readonly number[], QueueAction> = {
  start: [],
  keyOf: (items) => items.join(),
  step(items, action) {
    if (action.verb === 'put') {
      const accepted = items.length < 2
      if (accepted !== (action.accepted ?? accepted)) return undefined
      return accepted ? [...items, action.item] : items
    }
    const taken = items[0] ?? 'none'
    return taken === (action.taken ?? taken) ? items.slice(1) : undefined
  },
}

const at = (begin: number, end: number | undefined, action: QueueAction): RecordedCall<QueueAction> => ({
  begin,
  end,
  action,
})
const put = (item: number, accepted?: boolean): QueueAction => ({
  verb: 'put',
  item,
  ...(accepted === undefined ? {} : { accepted }),
})
const take = (taken?: number | 'none'): QueueAction => ({ verb: 'take', ...(taken === undefined ? {} : { taken }) })

const histories: readonly (readonly [string, boolean, readonly RecordedCall<QueueAction>[]])[] = [
  [
    'parallel puts stand in either order',
    true,
    [at(1, 4, put(1, true)), at(2, 3, put(2, true)), at(5, 6, take(2)), at(7, 8, take(1))],
  ],
  [
    'puts that follow each other stand in theirs',
    false,
    [at(1, 2, put(1, true)), at(3, 4, put(2, true)), at(5, 6, take(2))],
  ],
  ['a third put is refused', true, [at(1, 2, put(1, true)), at(3, 4, put(2, true)), at(5, 6, put(3, false))]],
  ['a third put is not accepted', false, [at(1, 2, put(1, true)), at(3, 4, put(2, true)), at(5, 6, put(3, true))]],
  [
    'an unanswered take makes room',
    true,
    [at(1, 2, put(1, true)), at(3, 4, put(2, true)), at(5, undefined, take()), at(6, 7, put(3, true))],
  ],
  [
    'it makes room once',
    false,
    [
      at(1, 2, put(1, true)),
      at(3, 4, put(2, true)),
      at(5, undefined, take()),
      at(6, 7, put(3, true)),
      at(8, 9, put(4, true)),
    ],
  ],
  [
    'and not before it was asked for',
    false,
    [at(1, 2, put(1, true)), at(3, 4, put(2, true)), at(5, 6, put(3, true)), at(7, undefined, take())],
  ],
  [
    'an unanswered put may come between',
    true,
    [at(1, undefined, put(9)), at(2, 3, put(1, true)), at(4, 5, take(1)), at(6, 7, take(9))],
  ],
  [
    'an unanswered put that would be refused now may be accepted later',
    true,
    [
      at(1, 2, put(1, true)),
      at(3, 4, put(2, true)),
      at(5, undefined, put(9)),
      at(6, 7, put(3, false)),
      at(8, 9, take(1)),
      at(10, 11, take(2)),
      at(12, 13, take(9)),
    ],
  ],
  ['nobody is answered at all', true, [at(1, undefined, put(1)), at(2, undefined, take())]],
]

test.each(histories)('%s: %s', (_, isExplained, calls) => {
  expect(isLinearizable(queueOfTwo, calls)).toBe(isExplained)
  expect(isLinearizable(queueOfTwo, calls.toReversed())).toBe(isExplained)
})

test('twelve unanswered calls beside twenty parallel reads that nothing explains are refused in bounded work', () => {
  let steps = 0
  const counted = {
    ...queueOfTwo,
    step: (items: readonly number[], action: QueueAction) => ((steps += 1), queueOfTwo.step(items, action)),
  }
  const calls = [
    ...Array.from({ length: 12 }, (_, index) => at(index, undefined, put(index % 2))),
    ...Array.from({ length: 20 }, (_, index) => at(20 + index, 100 + index, take('none'))),
    at(200, 201, take(7)),
  ]
  expect(isLinearizable(counted, calls)).toBe(false)
  expect(steps).toBeLessThan(60_000)
})
