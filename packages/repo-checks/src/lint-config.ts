// Checks that the linter's configuration still holds the limits that the house leaves to it.
import type { SourceFile, Violation } from './violation.ts'

/** Longest function in lines, most branches and most positional parameters: the linter counts them. */
export const functionLimits = { linesMax: 60, branchesMax: 20, parametersMax: 4 } as const

/** Rules that were switched off, loosened, or overridden for the packages' sources. */
export function checkLintConfig(files: readonly SourceFile[]): readonly Violation[] {
  const file = files.find(({ path }) => path === '.oxlintrc.json')
  if (file === undefined) return [{ path: '.oxlintrc.json', message: 'is missing' }]
  const config = JSON.parse(file.text) as Config
  const wrong: string[] = []
  if (config.options?.typeAware !== true) wrong.push('options.typeAware must be true')
  for (const [rule, wanted] of Object.entries(WANTED))
    if (JSON.stringify(config.rules?.[rule]) !== JSON.stringify(wanted))
      wrong.push(`rules["${rule}"] must be ${JSON.stringify(wanted)}`)
  for (const { files: patterns, rules } of config.overrides ?? [])
    if (patterns.some((pattern) => pattern.includes('src')) && Object.keys(rules).some((rule) => rule in WANTED))
      wrong.push(`overrides a limit for ${patterns.join(', ')}`)
  return wrong.map((message) => ({ path: file.path, message }))
}

interface Config {
  readonly options?: { readonly typeAware?: boolean }
  readonly rules?: Readonly<Record<string, unknown>>
  readonly overrides?: ReadonlyArray<{
    readonly files: readonly string[]
    readonly rules: Readonly<Record<string, unknown>>
  }>
}

const WANTED: Readonly<Record<string, unknown>> = {
  'max-lines-per-function': ['error', { max: functionLimits.linesMax, skipBlankLines: true, skipComments: true }],
  complexity: ['error', { max: functionLimits.branchesMax, variant: 'modified' }],
  'max-params': ['error', { max: functionLimits.parametersMax }],
  'import/no-cycle': 'error',
  'typescript/no-explicit-any': 'error',
  'typescript/no-non-null-assertion': 'error',
  'typescript/no-floating-promises': 'error',
  'typescript/switch-exhaustiveness-check': 'error',
}
