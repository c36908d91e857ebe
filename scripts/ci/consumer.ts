// The consumer steps of CI: a stranger installs the tarballs and runs the README's code on the oldest Node.js there is.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { blocksOf } from '../../packages/repo-checks/src/snippets.ts'
import { publicPackages } from './packages.ts'
import { commandIn, root, type Step } from './steps.ts'

const compilers = { 'typescript-5.9': '5.9.3', 'typescript-7': '7.0.2' } as const

/** Install, type-check with the oldest and the newest supported compiler, run. The folder is removed at the end. */
export function consumerSteps(): readonly Step[] {
  const folder = mkdtempSync(join(tmpdir(), 'tallystick-consumer-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  return [
    { name: 'a stranger installs the tarballs', run: () => install(folder) },
    ...Object.entries(compilers).map(([name, version]) => ({
      name: `a stranger type-checks the README with TypeScript ${version}`,
      run: () => commandIn(folder, ['node', `node_modules/${name}/bin/tsc`, '-p', '.', '--noEmit']),
    })),
    { name: 'a stranger runs the README on the oldest Node.js here', run: () => runReadme(folder) },
  ]
}

function install(folder: string): boolean {
  const write = (name: string, content: unknown): void =>
    writeFileSync(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content, undefined, 2))
  write('package.json', {
    private: true,
    type: 'module',
    dependencies: Object.fromEntries(publicPackages.map(({ name, tarball }) => [name, `file:${tarball}`])),
    devDependencies: Object.fromEntries(
      Object.entries(compilers).map(([name, version]) => [name, `npm:typescript@${version}`]),
    ),
  })
  write('tsconfig.json', { compilerOptions: STRICT, include: ['*.ts'] })
  const programs = readmePrograms()
  if (programs.length === 0) throw new Error('README.md shows no ts block')
  for (const [index, program] of programs.entries()) write(`readme-${index + 1}.ts`, program)
  return commandIn(folder, ['npm', 'install', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'])
}

function runReadme(folder: string): boolean {
  const { program, version } = oldestNode()
  console.log(`Node.js ${version}: ${program}`)
  if (!commandIn(folder, ['node', 'node_modules/typescript-7/bin/tsc', '-p', '.'])) return false
  return readmePrograms()
    .map((_, index) => commandIn(folder, [program, `readme-${index + 1}.js`]))
    .every(Boolean)
}

/** The README's blocks as programs; one that continues is added to the one before it. */
function readmePrograms(): readonly string[] {
  return blocksOf(readFileSync(join(root, 'README.md'), 'utf8'))
    .filter(({ info }) => info === 'ts')
    .reduce<readonly string[]>((programs, { lines }) => {
      const text = `${lines.join('\n')}\nexport {}\n`
      return lines[0]?.startsWith('// continues')
        ? [...programs.slice(0, -1), (programs.at(-1) ?? '') + text]
        : [...programs, text]
    }, [])
}

/** The oldest Node.js on PATH that the packages promise to run on; the one that runs this where there is no other. */
function oldestNode(): { readonly program: string; readonly version: string } {
  const own = { program: process.execPath, version: process.versions.node }
  const others = (process.env['PATH'] ?? '').split(delimiter).flatMap((path) => {
    const program = join(path, 'node')
    const { stdout, status } = spawnSync(program, ['--version'], { encoding: 'utf8' })
    return status === 0 ? [{ program, version: stdout.trim().slice(1) }] : []
  })
  const supported = [own, ...others].filter(({ version }) => compare(version, '20.19.0') >= 0)
  return supported.toSorted((left, right) => compare(left.version, right.version))[0] ?? own
}

function compare(left: string, right: string): number {
  const [a, b] = [left, right].map((version) => version.split('.').map(Number))
  const differing = [0, 1, 2].find((at) => a?.[at] !== b?.[at])
  return differing === undefined ? 0 : (a?.[differing] ?? 0) - (b?.[differing] ?? 0)
}

const STRICT = {
  target: 'ES2022',
  lib: ['ES2023', 'DOM', 'DOM.Iterable'],
  module: 'NodeNext',
  moduleResolution: 'NodeNext',
  strict: true,
  exactOptionalPropertyTypes: true,
  skipLibCheck: false,
  types: [],
}
