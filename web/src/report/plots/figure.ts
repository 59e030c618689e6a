import { fill, h, type Child } from '../../shared/dom';

export interface Figure {
  title: string; // what there is to see
  note?: Child; // how to read it
  legend?: { color: string; text: string }[];
  draw: (width: number) => Element;
  /** The same as a table, for those who do not see the plot and those who want the figures. */
  numbers: { head: string[]; rows: string[][] };
  wide?: boolean;
}

export function swatches(legend: { color: string; text: string }[]): HTMLElement {
  return h('p', { class: 'legend' }, ...legend.map(({ color, text }) =>
    h('span', {}, h('i', { class: 'swatch', style: `background: ${color}` }), text)));
}

const least_width = 300; // px; the margins of a plot need room

/** A plot in its frame. Drawn when it has a width, and again when that changes. */
export function figure({ title, note, legend, draw, numbers, wide }: Figure): HTMLElement {
  const plot = h('div', { class: 'plot', role: 'img', 'aria-label': `Plot. ${title} The numbers follow as a table.` });
  let drawn = 0;
  new ResizeObserver(() => {
    const width = Math.max(least_width, Math.floor(plot.clientWidth));
    if (width === drawn) return;
    drawn = width;
    const drawing = draw(width);
    drawing.setAttribute('aria-hidden', 'true'); // its marks carry names that say nothing
    fill(plot, drawing);
  }).observe(plot);
  const [first, ...others] = numbers.head;
  return h('figure', { class: wide ? 'card wide' : 'card' },
    h('figcaption', {}, h('h3', {}, title), note !== undefined && h('p', { class: 'muted' }, note)),
    legend && swatches(legend),
    plot,
    h('details', {}, h('summary', {}, 'Numbers'),
      h('div', { class: 'sideways', tabindex: '0', role: 'region', 'aria-label': `Numbers: ${title}` },
        h('table', { class: 'numbers' },
          h('thead', {}, h('tr', {}, h('th', { scope: 'col' }, first), ...others.map((text) => h('th', { scope: 'col', class: 'number' }, text)))),
          h('tbody', {}, ...numbers.rows.map(([name, ...cells]) =>
            h('tr', {}, h('th', { scope: 'row' }, name), ...cells.map((text) => h('td', { class: 'number' }, text)))))))));
}

/** What is said where a plot would have nothing to show. */
export function empty_figure(title: string, why: string): HTMLElement {
  return h('figure', { class: 'card' }, h('figcaption', {}, h('h3', {}, title)), h('p', { class: 'muted' }, why));
}

const series = ['--series-1', '--series-2', '--series-3', '--series-4', '--series-5', '--series-6'];

/** The colour of the i-th of some categories. */
export const color = (i: number) => `var(${series[i % series.length]})`;

/** Options that all plots share. */
export const base = { style: { fontSize: '12px', overflow: 'visible' } };
