// Colour, where it is wanted: on a terminal, and never against NO_COLOR.

/** Colours a text, or leaves it as it is. */
export interface Paint {
  readonly bold: (text: string) => string
  readonly dim: (text: string) => string
  readonly good: (text: string) => string
  readonly bad: (text: string) => string
}

/** Where the output goes, as far as colour and width depend on it. */
export interface Screen {
  readonly isTerminal: boolean
  /** The terminal's width in columns. */
  readonly columns?: number | undefined
  readonly environment: Readonly<Record<string, string | undefined>>
}

/** Chooses the paint: FORCE_COLOR says yes (0: no), NO_COLOR says no, else a terminal that is not dumb gets colour. */
export function choosePaint({ isTerminal, environment }: Screen): Paint {
  return isColoured(isTerminal, environment) ? coloured : plain
}

/** The width to lay out for, 40 to 160 columns. */
export function widthOf({ columns, environment }: Screen): number {
  const told = Number(environment['COLUMNS'])
  const width = columns ?? (Number.isInteger(told) && told > 0 ? told : WIDTH_DEFAULT)
  return Math.min(Math.max(width, WIDTH_MIN), WIDTH_MAX)
}

function isColoured(isTerminal: boolean, environment: Screen['environment']): boolean {
  const forced = environment['FORCE_COLOR']
  if (forced !== undefined) return forced !== '0' && forced !== 'false'
  if ((environment['NO_COLOR'] ?? '') !== '') return false
  return isTerminal && environment['TERM'] !== 'dumb'
}

const wrap =
  (open: number, close: number) =>
  (text: string): string =>
    `\u001B[${open}m${text}\u001B[${close}m`
const same = (text: string): string => text
const coloured: Paint = { bold: wrap(1, 22), dim: wrap(2, 22), good: wrap(32, 39), bad: wrap(31, 39) }
const plain: Paint = { bold: same, dim: same, good: same, bad: same }
const WIDTH_DEFAULT = 100
const WIDTH_MIN = 40
const WIDTH_MAX = 160
