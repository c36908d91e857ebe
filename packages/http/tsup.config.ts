import { defineConfig } from 'tsup'
import { fromExports } from '../../tsup.base.ts'

export default defineConfig(fromExports())
