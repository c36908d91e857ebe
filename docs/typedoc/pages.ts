// Where each page stands in the site's navigation, and what it is called there.

/** The sections of the navigation, in their order, with the pages that have a place of their own in each. */
const sections: Readonly<Record<string, readonly string[]>> = {
  'Start here': ['index', 'tallystick', 'threat-model'],
  Parts: [
    'server',
    'http',
    'session',
    'cookie',
    'sealed-sessions',
    'refresh-token',
    'jwt',
    'storage',
    'storage-memory',
    'storage-sqlite',
    'events',
    'core',
  ],
  Reference: ['errors', 'storage-schema', 'requirements'],
  Decisions: [],
  'Working on it': ['contributing', 'mutation', 'benchmarks/README'],
}

/** The order of everything at the top of the navigation. */
export const sectionOrder: readonly string[] = [
  'Start here',
  'Parts',
  'Packages',
  'Reference',
  'Decisions',
  'Working on it',
]

/** A page's section and its place there. A page that nobody has placed stands last among the parts. */
export function placeOf(page: string): { readonly section: string; readonly place: number } {
  if (page.startsWith('decisions/')) return { section: 'Decisions', place: page === 'decisions/README' ? 0 : 1 }
  for (const [section, pages] of Object.entries(sections))
    if (pages.includes(page)) return { section, place: pages.indexOf(page) }
  return { section: 'Parts', place: Number.MAX_SAFE_INTEGER }
}

/** The first heading of a page in Markdown, without its marks. */
export function titleOf(text: string): string | undefined {
  return /^# (.+)$/m.exec(text)?.[1]?.replaceAll('`', '')
}
