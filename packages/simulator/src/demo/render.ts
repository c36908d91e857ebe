// How the demo looks in a terminal.
import type { ScenarioReport } from '../scenario.ts'
import type { GrowthReport } from './growth.ts'
import { layFields, layRow } from './layout.ts'
import { choosePaint, type Paint, type Screen, widthOf } from './paint.ts'
import type { DemoReport } from './report.ts'

/**
 * Renders the findings as lines of text.
 *
 * @param tookSeconds - How long it took, for the last line.
 */
export function renderDemo(report: DemoReport, screen: Screen, tookSeconds: number): string {
  const paint = choosePaint(screen)
  const width = widthOf(screen)
  const { session, scenarios, growth } = report
  const heading = (text: string): readonly string[] => ['', ...layRow([{ text, columns: width, paint: paint.bold }])]
  const fields = (record: Readonly<Record<string, unknown>>): readonly string[] =>
    layFields(
      Object.entries(record).map(([name, value]) => [name, showValue(value)] as const),
      width,
      paint.dim,
    )
  const lines = [
    ...heading('1. A sign-in: tokens are issued'),
    ...fields(session.issued),
    ...heading('2. The access token is verified; its claims'),
    ...fields(session.claims),
    ...heading('3. Ten minutes later: a rotation'),
    ...fields(session.rotation),
    ...heading('4. The sixteen scenarios, against the real server on a simulated clock'),
    ...renderScenarios(scenarios, width, paint),
    ...heading('5. What one session costs in the store'),
    ...renderGrowth(growth, width, paint),
    '',
    ...renderSummary(report, width, paint, tookSeconds),
    '',
  ]
  return lines.join('\n')
}

function renderScenarios(scenarios: readonly ScenarioReport[], width: number, paint: Paint): readonly string[] {
  // Side by side where there is room for three texts, else one below the other.
  if (width < WIDTH_OF_TABLE) return scenarios.flatMap((scenario) => renderBlock(scenario, width, paint))
  const room = width - MARKS_WIDTH - 6
  const widths = { title: Math.floor(room * 0.3), happened: Math.floor(room * 0.42), must: Math.floor(room * 0.28) }
  const head = layRow([
    { text: '', columns: MARKS_WIDTH },
    { text: 'scenario', columns: widths.title, paint: paint.dim },
    { text: 'what happened', columns: widths.happened, paint: paint.dim },
    { text: 'what must happen', columns: widths.must, paint: paint.dim },
  ])
  return [
    ...head,
    ...scenarios.flatMap((scenario) =>
      layRow([
        { text: '', columns: 0 },
        { text: markOf(scenario.ok), columns: 1, paint: paintOf(scenario.ok, paint) },
        { text: String(scenario.number).padStart(2), columns: 2 },
        { text: scenario.title, columns: widths.title },
        { text: byVariant(scenario.happened), columns: widths.happened },
        { text: byVariant(scenario.mustHappen), columns: widths.must, paint: paint.dim },
      ]),
    ),
    ...renderFailures(scenarios, width, paint),
  ]
}

function renderBlock(scenario: ScenarioReport, width: number, paint: Paint): readonly string[] {
  const { number, title, happened, mustHappen } = scenario
  const rows = (name: string, text: string, paintText?: (text: string) => string): readonly string[] =>
    layRow([
      { text: '', columns: 5 },
      { text: name, columns: 8, paint: paint.dim },
      { text, columns: width - 17, paint: paintText },
    ])
  return [
    ...layRow([
      { text: '', columns: 0 },
      { text: markOf(scenario.ok), columns: 1, paint: paintOf(scenario.ok, paint) },
      { text: String(number).padStart(2), columns: 2 },
      { text: title, columns: width - 9, paint: paint.bold },
    ]),
    ...rows('happened', byVariant(happened)),
    ...rows('must', byVariant(mustHappen), paint.dim),
    ...renderFailures([scenario], width, paint),
  ]
}

/** Every fact that is not as it must be. */
function renderFailures(scenarios: readonly ScenarioReport[], width: number, paint: Paint): readonly string[] {
  return scenarios.flatMap(({ number, details }) =>
    details.flatMap(({ variant, checks }) =>
      checks
        .filter(({ ok }) => !ok)
        .flatMap(({ what, found, wanted }) =>
          layRow([
            { text: '', columns: 3 },
            {
              text: `${number} ${variant}: ${what}: found ${found}, wanted ${wanted}`,
              columns: width - 5,
              paint: paint.bad,
            },
          ]),
        ),
    ),
  )
}

function renderGrowth({ samples, ok }: GrowthReport, width: number, paint: Paint): readonly string[] {
  const text = ok
    ? 'it does not grow: the second rotation adds the earlier attempt, later ones only digits'
    : 'it grows, or the session did not live so long'
  return [
    ...layNumbers(['rotations', 'records', 'bytes'], paint.dim),
    ...samples.flatMap(({ rotations, records, bytes }) => layNumbers([rotations, records, bytes].map(groupDigits))),
    ...layRow([
      { text: '', columns: 0 },
      { text: markOf(ok), columns: 1, paint: paintOf(ok, paint) },
      { text, columns: width - 5 },
    ]),
  ]
}

function layNumbers(texts: readonly string[], paint?: (text: string) => string): readonly string[] {
  return layRow([{ text: '', columns: 0 }, ...texts.map((text) => ({ text: text.padStart(9), columns: 9, paint }))])
}

function renderSummary(report: DemoReport, width: number, paint: Paint, tookSeconds: number): readonly string[] {
  const { scenarios, seed, storage, ok } = report
  const good = scenarios.filter((scenario) => scenario.ok).length
  const verdict = ok ? 'all as it must be' : 'not as it must be'
  const text = `${markOf(ok)} ${verdict}: ${good} of ${scenarios.length} scenarios, seed ${seed}, storage ${storage}, ${tookSeconds.toFixed(1)} s`
  return layRow([{ text, columns: width, paint: paintOf(ok, paint) }])
}

/** Variants stand below each other. */
function byVariant(text: string): string {
  return text.replaceAll(' · ', '\n')
}

function markOf(ok: boolean): string {
  return ok ? '✓' : '✗'
}

function paintOf(ok: boolean, paint: Paint): (text: string) => string {
  return ok ? paint.good : paint.bad
}

function showValue(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : JSON.stringify(value)
}

function groupDigits(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ' ')
}

/** Two spaces, the mark, the number, and what stands between them. */
const MARKS_WIDTH = 7
const WIDTH_OF_TABLE = 110
