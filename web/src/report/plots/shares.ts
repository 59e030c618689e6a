import * as Plot from '@observablehq/plot';
import { unknown, type Sample } from '../data';
import { count } from '../numbers';
import { base, color, empty_figure, figure } from './figure';

const most_values = 7; // the rarer ones are counted as "other"

const value_color = (name: string, i: number) => (name === unknown ? 'var(--series-7)' : color(i));

export interface Shares {
  title: (common: string) => string;
  groups: string[];
  group: (sample: Sample) => string | undefined;
  value: (sample: Sample) => string;
  order?: string[]; // of the values; without it the most frequent comes first
  note?: string;
}

/** What values the groups have, one bar of 100 % a group. */
export function shares(samples: Sample[], { title, groups, group, value, order, note }: Shares): HTMLElement {
  const tally = new Map<string, number>();
  for (const sample of samples) if (group(sample) !== undefined) tally.set(value(sample), (tally.get(value(sample)) ?? 0) + 1);
  const frequent = [...tally].sort((a, b) => b[1] - a[1]).map(([name]) => name);
  if (frequent.length === 0) return empty_figure(title(''), 'There are no samples.');
  const named = order?.filter((name) => tally.has(name)) ?? (frequent.length > most_values ? [...frequent.slice(0, most_values - 1), 'other'] : frequent);
  const shown = (sample: Sample) => (named.includes(value(sample)) ? value(sample) : 'other');
  const present = groups.filter((name) => samples.some((sample) => group(sample) === name));
  const cells = present.flatMap((of) => {
    const members = samples.filter((sample) => group(sample) === of);
    return named.map((name) => {
      const n = members.filter((sample) => shown(sample) === name).length;
      return { group: of, name, n, share: n / members.length };
    });
  });

  const draw = (width: number) => {
    const left = 12 + 8 * Math.min(18, Math.max(...present.map((name) => name.length)));
    const room = width - left - 24;
    return Plot.plot({
      ...base,
      width,
      height: 44 + 40 * present.length,
      marginLeft: left,
      marginRight: 24,
      marginTop: 4,
      marginBottom: 36,
      x: { domain: [0, 100], label: 'Samples (%) →', labelAnchor: 'right', labelArrow: 'none', ticks: 5 },
      y: { domain: present, label: null, padding: 0.25 },
      color: { domain: named, range: named.map(value_color) },
      marks: [
        Plot.barX(cells, Plot.stackX({ x: (cell) => 100 * cell.share, y: 'group', fill: 'name', order: named, insetRight: 1 })),
        Plot.text(cells, Plot.stackX({
          x: (cell) => 100 * cell.share, y: 'group', z: 'name', order: named, fill: 'var(--on-accent)', fontWeight: 600,
          text: (cell) => (cell.share * room > 9 * count(cell.n).length + 8 ? count(cell.n) : ''),
        })),
      ],
    });
  };

  return figure({
    title: title(named[0]),
    note: note ?? 'The numbers in the bars are numbers of samples.',
    legend: named.map((name, i) => ({ color: value_color(name, i), text: name })),
    draw,
    numbers: {
      head: ['Group', ...named],
      rows: present.map((of) => [of, ...named.map((name) => count(cells.find((cell) => cell.group === of && cell.name === name)!.n))]),
    },
  });
}
