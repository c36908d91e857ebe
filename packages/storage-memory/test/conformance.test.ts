// The memory adapter meets the contract.
import { recordStoreConformance, revocationLogConformance } from '@tallystick/storage/conformance'
import { test } from 'vitest'
import { memoryUnderTest } from './memory-under-test.ts'

recordStoreConformance({ test, create: memoryUnderTest })
revocationLogConformance({ test, create: memoryUnderTest })
