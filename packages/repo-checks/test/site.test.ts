// The documentation site: made from every entry of every public package, and without dead links.
import { test } from 'vitest'
import { checkSite, checkSiteEntries } from '../src/site.ts'
import { expectCaught, expectNone, planted, repository, withEdited } from './planting.ts'

const site = (text: string) =>
  checkSite([
    planted('docs/a.html', text),
    planted('docs/b.html', '<h2 id="part">Part</h2>'),
    planted('index.html', '<h1 id="tally&amp;stick">Tallystick</h1>'),
    planted('assets/main.js', ''),
  ])

test('the site is made from what each package exports', () => {
  expectNone(checkSiteEntries(repository))
})

test('an entry that the site leaves out is caught', () => {
  const changed = withEdited('packages/jwt/typedoc.json', (options) => (options['entryPoints'] = ['src/index.ts']))
  expectCaught(checkSiteEntries(changed), 'src/keys.ts')
})

test('a link to a page, a script or an anchor that is not there is caught', () => {
  expectCaught(site('<a href="c.html">'), 'docs/c.html')
  expectCaught(site('<script src="../assets/search.js">'), 'assets/search.js')
  expectCaught(site('<a href="b.html#whole">'), '#whole of docs/b.html')
  expectCaught(site('<a href="#here">'), '#here of docs/a.html')
  expectCaught(site('<a href="../../outside.html">'), '../outside.html')
})

test('a link that leads somewhere is left alone', () => {
  expectNone(
    site(
      '<h2 id="here"><a href="b.html#part"><a href="#here"><a href="../"><a href="../index.html#tally%26stick">' +
        '<script src="../assets/main.js?v=1"></script><a href="https://www.rfc-editor.org/rfc/rfc9700.html#section-2">',
    ),
  )
})
