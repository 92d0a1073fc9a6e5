// Charts of the tables of the bench: a bar for each row of a table that has a column of times.

/** @typedef {{ label: string, value: number, isOwn: boolean }} Bar */

/** @param {string} line */
const cells = (line) =>
  line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim())

/** @param {string} text */
const escaped = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('{', '&#123;')

/** Columns of times, and what one of their numbers is. */
const UNITS = new Map([
  ['ns', 'Nanoseconds for a parameter'],
  ['ms', 'Milliseconds']
])

/**
 * The bars of a table, and what they are lengths of; none where there is no column of times.
 * @param {readonly string[]} lines
 * @returns {{ unit: string, bars: readonly Bar[] }}
 */
const barsOf = (lines) => {
  const [head = [], , ...rows] = lines.map(cells)
  const column = head.findIndex((name) => UNITS.has(name))
  const threads = head.indexOf('threads')
  const bars = rows.flatMap((row) => {
    const value = Number((row[column] ?? '').replace(/\s/g, '') || Number.NaN)
    const [name = ''] = row
    const count = threads < 0 ? '' : `, ${row[threads]} ${row[threads] === '1' ? 'thread' : 'threads'}`
    const label = name.replace(/[*`]/g, '') + count
    return value > 0 && value < Infinity ? [{ label, value, isOwn: name.includes('**') }] : []
  })
  return { unit: UNITS.get(head[column] ?? '') ?? '', bars }
}

/**
 * A chart on a logarithmic axis, as such times span decades: it begins a decade before the shortest bar's, and each has a line.
 * @param {string} unit
 * @param {readonly Bar[]} bars
 */
const chartOf = (unit, bars) => {
  const decades = bars.map(({ value }) => Math.log10(value))
  const low = Math.floor(Math.min(...decades))
  const count = Math.max(1, Math.ceil(Math.max(...decades)) - low)
  const rows = bars.map(({ label, value, isOwn }) => {
    const width = Math.max(0.5, (100 * (Math.log10(value) - low)) / count).toFixed(1)
    const bar = `<span class="bar" style="width:${width}%"></span>`
    return `<div class="row${isOwn ? ' own' : ''}"><span class="label">${escaped(label)}</span><span class="scale">${bar}<span class="value">${value}</span></span></div>`
  })
  const axis = Array.from(
    { length: count + 1 },
    (_, i) => `<span style="left:${((100 * i) / count).toFixed(1)}%">${Number(`1e${low + i}`)}</span>`
  )
  const caption = `${unit}, smaller is better; each line is ten times the one before. The numbers are in the table below.`
  return `<figure class="bars" style="--decades:${count}" v-pre><div class="row" aria-hidden="true"><span class="label"></span><span class="axis">${axis.join('')}</span></div>${rows.join('')}<figcaption>${caption}</figcaption></figure>`
}

/**
 * A page with a chart above each table of times.
 * @param {string} text
 */
export const charts = (text) =>
  text.replace(/(?:^\|.*\|\n)+/gm, (table) => {
    const { unit, bars } = barsOf(table.trimEnd().split('\n'))
    return bars.length < 2 ? table : `${chartOf(unit, bars)}\n\n${table}`
  })
