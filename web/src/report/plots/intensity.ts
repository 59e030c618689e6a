import * as Plot from '@observablehq/plot';
import { group_by, type Cohort } from '../data';
import { count, in_unit, median, short, window_text } from '../numbers';
import { base, empty_figure, figure } from './figure';

// Differences between medians that mean nothing: in HU, and of the largest median in other units.
const alike_hu = 10;
const alike_share = 0.05;

/** The values inside each mask as drawn: samples of a site side by side in the order of their medians. */
export function intensity(cohort: Cohort): HTMLElement {
  const seen = cohort.written.flatMap((sample) => (sample.roi?.intensity ? [{ site: cohort.group(sample), ...sample.roi.intensity }] : []));
  if (seen.length === 0) return empty_figure('Intensity inside the mask', 'No sample has a mask with voxels.');
  const by_site = group_by(seen, (row) => row.site);
  const sites = cohort.groups.filter((site) => by_site.has(site));
  const rows = sites.flatMap((site) => {
    const here = by_site.get(site)!.toSorted((a, b) => a.median - b.median);
    return here.map((row, i) => ({ ...row, from: (i + 0.1) / here.length, to: (i + 0.9) / here.length, middle: (i + 0.5) / here.length }));
  });
  const few = rows.length <= 150;
  const window = cohort.thresholds.window;
  const medians = sites.map((site) => ({ site, median: median(by_site.get(site)!.map((row) => row.median)) }));

  const draw = (width: number) => Plot.plot({
    ...base,
    width,
    height: 380,
    marginLeft: 64,
    marginTop: 30,
    marginBottom: 36,
    marginRight: 16,
    fx: { domain: sites, label: null, axis: 'top', padding: 0.1 },
    x: { domain: [0, 1], ticks: [], label: 'Samples, in the order of their medians →', labelAnchor: 'right', labelArrow: 'none' },
    y: { label: cohort.unit === null ? 'Intensity' : `Intensity (${cohort.unit})`, labelAnchor: 'center', labelArrow: 'none', grid: true },
    marks: [
      Plot.frame({ stroke: 'var(--line)' }),
      Plot.rect(rows, { fx: 'site', x1: 'from', x2: 'to', y1: 'p5', y2: 'p95', fill: 'var(--series-1)', fillOpacity: 0.3 }),
      Plot.rect(rows, { fx: 'site', x1: 'from', x2: 'to', y1: 'p25', y2: 'p75', fill: 'var(--series-1)', fillOpacity: 0.75 }),
      few
        ? Plot.link(rows, { fx: 'site', x1: 'from', x2: 'to', y1: 'median', y2: 'median', stroke: 'var(--text)', strokeWidth: 2 })
        : Plot.line(rows, { fx: 'site', x: 'middle', y: 'median', stroke: 'var(--text)', strokeWidth: 2 }),
    ],
  });

  const values = medians.map((row) => row.median);
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const alike = cohort.unit === 'HU' ? alike_hu : alike_share * Math.max(Math.abs(least), Math.abs(most));
  const told = (value: number) => in_unit(short(value), cohort.unit);
  const name = (value: number) => medians.find((row) => row.median === value)!.site;
  return figure({
    title: sites.length === 1
      ? `Inside the mask the median is ${told(least)}${cohort.sites.length > 0 ? ` at ${sites[0]}` : ''}.`
      : most - least <= alike
        ? `Inside the mask all sites have similar values: medians from ${short(least)} to ${told(most)}.`
        : `Inside the mask the median at ${name(most)} is ${told(most - least)} higher than at ${name(least)}.`,
    note: `Voxels of the mask as drawn, one column for each sample.${window ? ` Thresholding removes voxels outside ${window_text(window, cohort.unit)}.` : ''}`,
    legend: [
      { color: 'color-mix(in srgb, var(--series-1) 30%, var(--surface))', text: '5 % to 95 % of the voxels' },
      { color: 'color-mix(in srgb, var(--series-1) 80%, var(--surface))', text: 'middle half' },
      { color: 'var(--text)', text: 'median' },
    ],
    draw,
    wide: true,
    numbers: {
      head: [cohort.sites.length > 0 ? 'Site' : 'Group', 'samples', 'median of p5', 'of p25', 'of medians', 'of p75', 'of p95'],
      rows: sites.map((site) => [site, count(by_site.get(site)!.length),
        ...(['p5', 'p25', 'median', 'p75', 'p95'] as const).map((key) => short(median(by_site.get(site)!.map((row) => row[key]))))]),
    },
  });
}
