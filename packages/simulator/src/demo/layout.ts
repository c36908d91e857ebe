// Text in columns: wrapped at words, padded to the same width, never beyond the edge.

/** Breaks a text into lines of at most `width` characters: at its own line ends, and at spaces where there are any. */
export function wrapText(text: string, width: number): readonly string[] {
  return text.split('\n').flatMap((line) => wrapLine(line, width))
}

function wrapLine(text: string, width: number): readonly string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    let rest = word
    if (line !== '' && line.length + 1 + rest.length <= width) {
      line = `${line} ${rest}`
      continue
    }
    if (line !== '') lines.push(line)
    // A word that is wider than its column is cut.
    for (; rest.length > width; rest = rest.slice(width)) lines.push(rest.slice(0, width))
    line = rest
  }
  return [...lines, line]
}

/** One cell of a row: its text, its width, and a colour that is put on after the text was padded. */
export interface TextCell {
  readonly text: string
  readonly columns: number
  readonly paint?: ((text: string) => string) | undefined
}

/** Lays cells side by side, two spaces apart; the row is as high as its highest cell. */
export function layRow(cells: readonly TextCell[]): readonly string[] {
  const wrapped = cells.map(({ text, columns }) => wrapText(text, columns))
  const height = Math.max(...wrapped.map((lines) => lines.length))
  return Array.from({ length: height }, (_, row) => {
    const parts = cells.map(({ columns, paint = (text: string) => text }, column) => {
      const text = wrapped[column]?.[row] ?? ''
      // Colour goes on the text alone: padding stays bare, so that nothing at a line's end is left to trim.
      return text === '' ? ' '.repeat(columns) : paint(text) + ' '.repeat(columns - text.length)
    })
    return parts.join('  ').trimEnd()
  })
}

/** Lays out names and values: names as wide as the longest, values wrapped beside them. */
export function layFields(
  fields: ReadonlyArray<readonly [name: string, value: string]>,
  width: number,
  paintName: (text: string) => string,
): readonly string[] {
  const nameWidth = Math.max(...fields.map(([name]) => name.length))
  return fields.flatMap(([name, value]) =>
    layRow([
      { text: '', columns: 0 },
      { text: name, columns: nameWidth, paint: paintName },
      { text: value, columns: width - nameWidth - 4 },
    ]),
  )
}
