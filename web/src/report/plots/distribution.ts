import * as Plot from '@observablehq/plot';
import type { Sample } from '../data';
import { count, quantile, short, sorted } from '../numbers';
import { base, color, empty_figure, figure } from './figure';

// Each sample is a dot where a row has room for those that lie on one another; otherwise they are counted in bins.
const most_dots = 40;
const most_stacked = 6;
const bins = 40;

export interface Distribution {
  name: string; // "Slice thickness"
  unit: string;
  groups: string[]; // rows of the plot, top to bottom
  group: (sample: Sample) => string | undefined;
  value: (sample: Sample) => number | null | undefined;
  where: 'at' | 'in' | 'of'; // what a group is: "at" a site, "in" a subset, "of" all samples
  log?: boolean;
  note?: string;
}

const heads = { at: 'Site', in: 'Subset', of: 'Group' };

interface Row {
  group: string;
  value: number;
}

function bin_edges(values: number[], log: boolean): number[] {
  const to = log ? Math.log10 : (v: number) => v;
  const back = log ? (v: number) => 10 ** v : (v: number) => v;
  let [low, high] = [to(values[0]), to(values[values.length - 1])];
  const pad = high > low ? (high - low) / 100 : Math.max(Math.abs(low), 1) / 10;
  low -= pad;
  high += pad;
  return Array.from({ length: bins + 1 }, (_, i) => back(low + ((high - low) * i) / bins));
}

function most_in_bin(values: number[], edges: number[]): number {
  const counts = new Array<number>(bins).fill(0);
  let bin = 0;
  for (const value of values) {
    while (bin < bins - 1 && value >= edges[bin + 1]) bin++;
    counts[bin]++;
  }
  return Math.max(...counts);
}

function title(name: string, unit: string, where: string, medians: { group: string; median: number }[]): string {
  const least = medians.reduce((a, b) => (b.median < a.median ? b : a));
  const most = medians.reduce((a, b) => (b.median > a.median ? b : a));
  const tell = ({ group, median }: { group: string; median: number }) => `${short(median)} ${unit} ${where} ${group}`;
  if (medians.length === 1) return `${name}: median ${tell(least)}.`;
  if (Math.abs(most.median - least.median) <= 0.05 * Math.abs(most.median)) return `${name} is similar everywhere: median ${short(least.median)} ${unit}.`;
  return `${name} differs: median ${tell(least)}, ${tell(most)}.`;
}

/** The values of a quantity in each group, one row a group, the median marked. */
export function distribution(samples: Sample[], { name, unit, groups, group, value, where, log = false, note }: Distribution): HTMLElement {
  const rows = samples.flatMap((sample): Row[] => {
    const [of, v] = [group(sample), value(sample)];
    return of === undefined || v === null || v === undefined || !Number.isFinite(v) || (log && v <= 0) ? [] : [{ group: of, value: v }];
  });
  if (rows.length === 0) return empty_figure(name, 'No sample has this value.');
  const values = groups.map((of) => ({ group: of, values: sorted(rows.filter((row) => row.group === of).map((row) => row.value)) }))
    .filter((entry) => entry.values.length > 0);
  const medians = values.map((entry) => ({ group: entry.group, median: quantile(entry.values, 0.5) }));
  const edges = bin_edges(sorted(rows.map((row) => row.value)), log);
  const dots = values.every((entry) => entry.values.length <= most_dots && most_in_bin(entry.values, edges) <= most_stacked);
  const shown = values.map((entry) => entry.group);
  const fill = (row: { group: string }) => color(groups.indexOf(row.group));

  const draw = (width: number) => Plot.plot({
    ...base,
    width,
    height: 48 + (dots ? 64 : 76) * shown.length,
    marginLeft: 12 + 8 * Math.min(18, Math.max(...shown.map((of) => of.length))),
    marginRight: 24,
    marginTop: 8,
    marginBottom: 40,
    x: { label: `${name.includes(unit) ? name : `${name} (${unit})`}${log ? ', log scale' : ''} →`, labelAnchor: 'right', labelArrow: 'none', domain: [edges[0], edges[bins]], type: log ? 'log' : 'linear', grid: true, ticks: Math.max(3, width / 90), tickFormat: log ? '~g' : undefined },
    y: { axis: null },
    fy: { domain: shown, label: null, axis: 'left', padding: 0.12 },
    marks: [
      Plot.ruleY(shown.map((of) => ({ group: of })), { fy: 'group', y: dots ? undefined : 0, stroke: 'var(--line)' }),
      dots
        ? Plot.dot(rows, Plot.dodgeY({ x: 'value', fy: 'group', r: 4, anchor: 'middle', padding: 0.5, fill, fillOpacity: 0.75 }))
        : Plot.rectY(rows, Plot.binX<Plot.RectYOptions>({ y: 'proportion-facet' }, { x: 'value', fy: 'group', thresholds: edges, fill, insetLeft: 0.5, insetRight: 0.5 })),
      Plot.tickX(medians, { x: 'median', fy: 'group', stroke: 'currentColor', strokeWidth: 2 }),
      Plot.text(medians, { x: 'median', fy: 'group', text: (row: { median: number }) => short(row.median), frameAnchor: 'top', dy: -4, dx: 4, textAnchor: 'start', fontWeight: 600, fill: 'currentColor', stroke: 'var(--surface)', strokeWidth: 4 }),
    ],
  });

  return figure({
    title: title(name, unit, where, medians),
    note: note ?? (dots ? 'One dot for each sample; the line is the median.' : 'Fraction of samples; the line is the median.'),
    draw,
    numbers: {
      head: [heads[where], 'samples', 'minimum', '25 %', 'median', '75 %', 'maximum'],
      rows: values.map((entry) => [entry.group, count(entry.values.length), ...[0, 0.25, 0.5, 0.75, 1].map((q) => short(quantile(entry.values, q)))]),
    },
  });
}
