import * as Plot from '@observablehq/plot';
import { column_text, patients, type Cohort, type Sample } from '../data';
import { cm3, count, median, number_of, short } from '../numbers';
import { base, empty_figure, figure } from './figure';

const tenfold = 10;
const rounding = 1e-9; // of volumes: products of a number of voxels and three spacings
const classes = ['smaller', 'equal', 'larger', 'tenfold'] as const;
type Change = (typeof classes)[number];
const text = { smaller: 'smaller at the end', equal: 'equal', larger: 'larger at the end', tenfold: 'ten times as large, or more' };
const stroke = { smaller: 'var(--series-1)', equal: 'var(--series-3)', larger: 'var(--series-2)', tenfold: 'var(--bad)' };

interface Course {
  patient: string;
  site: string;
  name: string; // that says who it is at its site
  points: { phase: string; volume: number }[];
  change: Change;
}

function change_of(first: number, last: number): Change {
  if (Math.abs(last - first) <= rounding * first) return 'equal';
  if (last < first) return 'smaller';
  return first > 0 && last >= tenfold * first ? 'tenfold' : 'larger';
}

const phase_of = (sample: Sample) => column_text(sample, 'phase');

/**
 * The patients with a mask volume in two phases or more, their volumes in the order of the phases. What to make of a
 * patient with several masks of one phase nobody knows.
 */
function courses(cohort: Cohort): Course[] {
  const with_mask = cohort.written.filter((sample) => sample.roi !== null);
  return [...patients(with_mask)].flatMap(([patient, samples]): Course[] => {
    const points = cohort.phases.flatMap((phase) =>
      samples.filter((sample) => phase_of(sample) === phase).map((sample) => ({ phase, volume: cm3(sample.roi!.volume_mm3) })));
    if (points.length < 2 || points.some(({ phase }, i) => i > 0 && phase === points[i - 1].phase)) return [];
    const [first, last] = [points[0].volume, points[points.length - 1].volume];
    const { site, pid } = samples[0].parts;
    return [{ patient, site: cohort.group(samples[0]), name: patient === `${site}_${pid}` ? pid : patient, points, change: change_of(first, last) }];
  });
}

/** What is to be said of values that the labels lack: those that masks still have, and those that problems tell of. */
function all_unnamed(cohort: Cohort): string {
  const here = cohort.foreground.filter(({ label }) => !cohort.labels.some((named) => named.label === label)).map(({ name }) => name);
  const told = new Set(cohort.problems.filter(({ kind }) => kind === 'unmapped label').map(({ sample, subject }) => sample ?? subject)).size;
  return (here.length > 0 ? ` Volumes include the voxels of ${here.join(', ')}.` : '') +
    (told > 0 ? ` ${number_of(told, 'mask')} as drawn ${told === 1 ? 'has' : 'have'} values that are not in the label map; see the problems.` : '');
}

/** The mask volume of each patient from phase to phase. */
export function growth(cohort: Cohort): HTMLElement {
  const all = courses(cohort);
  const [first, last] = [cohort.phases[0], cohort.phases[cohort.phases.length - 1]];
  if (all.length === 0) return empty_figure('Mask volume from phase to phase', 'No patient has a mask in two phases.');
  const of = (change: Change) => all.filter((course) => course.change === change);
  const sites = cohort.groups.filter((site) => all.some((course) => course.site === site));
  const positive = all.flatMap((course) => course.points.map(({ volume }) => volume)).filter((volume) => volume > 0);
  const empty = all.some((course) => course.points.some(({ volume }) => volume === 0));
  // A log axis has no zero: empty masks stand at its foot.
  const [low, high] = positive.length ? [Math.min(...positive), Math.max(...positive)] : [1, 10];
  const foot = empty ? low / 3 : low / 1.2;
  const points = all.flatMap((course) => course.points.map(({ phase, volume }) => ({ ...course, phase, volume: volume || foot })));
  const dense = all.length > 150;
  const marked = points.filter((point) => point.change === 'tenfold');

  // Names only where they do not lie on one another; the others are in the table of samples, as outliers.
  const named = marked.filter((point) => point.phase === point.points[point.points.length - 1].phase &&
    of('tenfold').filter((course) => course.site === point.site).length <= 2);

  const draw = (width: number) => Plot.plot({
    ...base,
    width,
    height: 380,
    marginLeft: 64,
    marginRight: 40,
    marginTop: 30,
    marginBottom: 36,
    fx: { domain: sites, label: null, axis: 'top', padding: 0.12 },
    x: { type: 'point', domain: cohort.phases, label: null, padding: 0.35 },
    y: { type: 'log', domain: [foot, high * 1.6], label: 'Mask volume (cm³), log scale', labelAnchor: 'center', labelArrow: 'none', grid: true, tickFormat: '~g', ticks: 5, nice: false },
    color: { domain: [...classes], range: classes.map((change) => stroke[change]) },
    marks: [
      Plot.frame({ stroke: 'var(--line)' }),
      Plot.line(points, { fx: 'site', x: 'phase', y: 'volume', z: 'patient', stroke: 'change', strokeWidth: dense ? 1 : 1.5, strokeOpacity: dense ? 0.25 : 0.75 }),
      dense ? null : Plot.dot(points, { fx: 'site', x: 'phase', y: 'volume', fill: 'change', r: 3 }),
      Plot.line(marked, { fx: 'site', x: 'phase', y: 'volume', z: 'patient', stroke: 'change', strokeWidth: 3 }),
      Plot.text(named, {
        fx: 'site', x: 'phase', y: 'volume', text: 'name', dy: -12, fill: 'var(--bad)', fontWeight: 600, stroke: 'var(--surface)', strokeWidth: 3,
      }),
    ],
  });

  const smaller = of('smaller').length;
  const equal = of('equal').length;
  const unnamed = all_unnamed(cohort);
  const huge = of('tenfold').length;
  return figure({
    title: `${count(smaller)} of ${number_of(all.length, 'mask')} ${smaller === 1 ? 'is' : 'are'} smaller ${cohort.phases.length === 2 ? `in phase ${last} than in ${first}` : 'in the last phase of the patient than in the first'}` +
      (equal ? `, ${count(equal)} ${equal === 1 ? 'is' : 'are'} equal` : '') + (huge ? `; ${count(huge)} ${huge === 1 ? 'is' : 'are'} ten times as large or more.` : '.'),
    note: `One line for each patient.${empty ? ' Empty masks are at the bottom of the axis.' : ''}${unnamed}`,
    legend: classes.filter((change) => of(change).length > 0).map((change) => ({ color: stroke[change], text: `${text[change]}: ${count(of(change).length)}` })),
    draw,
    wide: true,
    numbers: {
      head: [cohort.sites.length > 0 ? 'Site' : 'Group', 'patients', ...classes.map((change) => text[change]), 'median change'],
      rows: sites.map((site) => {
        const here = all.filter((course) => course.site === site);
        const ratios = here.map(({ points: p }) => p[p.length - 1].volume / p[0].volume).filter(Number.isFinite); // none of an empty mask
        return [site, count(here.length), ...classes.map((change) => count(here.filter((course) => course.change === change).length)),
          ratios.length ? `× ${short(median(ratios))}` : '–'];
      }),
    },
  });
}
