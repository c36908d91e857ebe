// Checks that no package is forgotten: the compiler's references and the list of test projects name every one.
import { manifestsOf } from './manifests.ts'
import { ourModule } from './floors.ts'
import type { SourceFile, Violation } from './violation.ts'

/** Packages missing in the root's references, in the list of test projects, or in a dependant's references. */
export function checkWorkspace(files: readonly SourceFile[]): readonly Violation[] {
  const textOf = (path: string): string => files.find((file) => file.path === path)?.text ?? ''
  const projects = textOf('vitest.workspace.ts')
  return manifestsOf(files).flatMap(({ folder, path, dependencies }) => {
    const wrong: Violation[] = []
    if (!referencesOf(textOf('tsconfig.json')).includes(`packages/${folder}`))
      wrong.push({ path: 'tsconfig.json', message: `does not reference packages/${folder}` })
    const hasTests = files.some((file) => file.path.startsWith(`packages/${folder}/test/`))
    if (hasTests && !projects.includes(`packageProject('${folder}')`))
      wrong.push({ path: 'vitest.workspace.ts', message: `does not list packages/${folder}` })
    const wanted = Object.keys(dependencies ?? {}).flatMap((name) => {
      const ours = ourModule(name)
      return ours === undefined ? [] : [`../${ours.name}`]
    })
    const referenced = referencesOf(textOf(path.replace('package.json', 'tsconfig.json')))
    if (wanted.toSorted().join() !== referenced.toSorted().join())
      wrong.push({
        path: path.replace('package.json', 'tsconfig.json'),
        message: `must reference ${wanted.join(', ')}`,
      })
    return wrong
  })
}

function referencesOf(text: string): readonly string[] {
  if (text === '') return []
  const { references = [] } = JSON.parse(text) as { references?: ReadonlyArray<{ readonly path: string }> }
  return references.map(({ path }) => path)
}
