import * as Plot from '@observablehq/plot';
import type { Cohort } from '../data';
import { count, number_of, percent, size_text, window_text } from '../numbers';
import { base, color, empty_figure, figure } from './figure';

/** How many of the voxels drawn each cleaning step changed, by site if there are sites. */
export function cleaning(cohort: Cohort): HTMLElement {
  const seen = cohort.written.filter((sample) => sample.cleaning !== null && sample.roi !== null);
  if (seen.length === 0) return empty_figure('What cleaning changed', 'No sample has a mask.');
  const { window, small_regions_before } = cohort.thresholds;
  const steps = [
    { key: 'thresholded', name: 'Thresholded' },
    { key: 'removed', name: 'Specks removed' },
    { key: 'filled', name: 'Holes filled' },
    { key: 'relabelled', name: 'Other label' },
  ] as const;
  const has_sites = cohort.sites.length > 0;
  const sites = cohort.groups.filter((site) => seen.some((sample) => cohort.group(sample) === site));
  const cells = sites.flatMap((site, i) => {
    const here = seen.filter((sample) => cohort.group(sample) === site);
    const sum = (of: (sample: (typeof here)[number]) => number) => here.reduce((total, sample) => total + of(sample), 0);
    const drawn = sum(({ roi, cleaning: c }) => roi!.voxels + c!.thresholded + c!.removed - c!.filled);
    return steps.map(({ key, name }) => {
      const voxels = sum((sample) => sample.cleaning![key]);
      return { site, name, key, voxels, share: drawn > 0 ? voxels / drawn : 0, samples: here.filter((s) => s.cleaning![key] > 0).length, of: here.length, fill: color(i) };
    });
  });
  const shown = steps.filter(({ key }) => key !== 'relabelled' || cells.some((cell) => cell.key === key && cell.voxels > 0));
  const visible = cells.filter((cell) => shown.some(({ key }) => key === cell.key));
  const most = visible.reduce((a, b) => (b.share > a.share ? b : a));
  const nothing = most.voxels === 0;
  const longest = Math.max(...sites.map((site) => site.length));

  const draw = (width: number) => Plot.plot({
    ...base,
    width,
    height: 56 + shown.length * (22 + 26 * sites.length),
    marginLeft: 12 + 8 * Math.min(18, longest),
    marginRight: 150,
    marginTop: 18,
    marginBottom: 38,
    x: { label: 'Voxels changed, of those drawn (%) →', labelAnchor: 'right', labelArrow: 'none', grid: true, domain: nothing ? [0, 1] : undefined, ticks: 5 },
    y: { domain: sites, label: null, padding: 0.2 },
    fy: { domain: shown.map(({ name }) => name), label: null, axis: null, padding: 0.28 },
    marks: [
      Plot.text(shown, { fy: 'name', text: 'name', frameAnchor: 'top-left', dy: -14, textAnchor: 'start', fontWeight: 600 }),
      Plot.barX(visible, { fy: 'name', y: 'site', x: (cell) => 100 * cell.share, fill: 'fill' }),
      Plot.ruleX([0], { stroke: 'var(--muted)' }),
      Plot.text(visible, { fy: 'name', y: 'site', x: (cell) => 100 * cell.share, dx: 6, textAnchor: 'start', text: (cell) => `${percent(cell.share)}, ${number_of(cell.voxels, 'voxel')}` }),
    ],
  });

  return figure({
    title: nothing ? 'Cleaning changed nothing.'
      : `Cleaning changed at most ${percent(most.share)} of the voxels drawn (${most.name.toLowerCase()}${has_sites ? `, ${most.site}` : ''}).`,
    note: `${window ? `Thresholded: outside ${window_text(window, cohort.unit)}. ` : ''}Specks and holes: small regions, slice by slice.` +
      (small_regions_before === null ? '' : ` Regions below ${size_text(small_regions_before)} are listed for each sample.`),
    draw,
    numbers: {
      head: [has_sites ? 'Site and step' : 'Step', 'voxels', 'of those drawn', 'samples changed', 'of'],
      rows: visible.map((cell) => [has_sites ? `${cell.site}, ${cell.name.toLowerCase()}` : cell.name, count(cell.voxels), percent(cell.share), count(cell.samples), count(cell.of)]),
    },
  });
}
