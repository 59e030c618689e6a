// What the program puts into data.js as `window.nicohort`. Every field is there; those marked null may be null.

export type Attribute = string | number | boolean | null;

export interface Intensity {
  // within the mask as drawn
  mean: number; sd: number; min: number; max: number;
  p5: number; p25: number; median: number; p75: number; p95: number;
}

export interface Sample {
  id: string;
  patient: string | null; // null: not known, or the recipe has no patients
  parts: { [part: string]: string }; // all that the recipe has; empty where the sample has it not
  written: boolean; // false: could not be used
  expects_mask: boolean; // as the recipe says
  attributes: { [column: string]: Attribute };
  image: null | {
    // in the order of the file's axes; null: not in the dataset
    size: [number, number, number]; // voxels
    spacing: [number, number, number]; // mm
    orientation: string; // such as LPS
    axes: [number, number, number]; // which of them run left to right, posterior to anterior, inferior to superior
  };
  roi: null | {
    // all labels but 0, after cleaning; null without a mask
    voxels: number;
    volume_mm3: number;
    by_label: { label: number; voxels: number; volume_mm3: number }[];
    by_group: { name: string; voxels: number; volume_mm3: number }[]; // of those that the sample has
    not_finite: number; // voxels within the mask as drawn that are NaN or infinite
    intensity: null | Intensity;
  };
  cleaning: null | {
    // voxels, and regions below the threshold; null also where nothing is on record
    thresholded: number; removed: number; filled: number; relabelled: number;
    small_regions_before: number | null; small_regions_after: number | null; // null: the recipe lists none
  };
  thumbnail: string | null; // path below the report
}

export interface Problem {
  routine: string;
  kind: string;
  subject: string;
  what: string; // what is wrong, and what to do
  sample: string | null;
}

export interface Outlier {
  sample: string;
  kind: string;
  what: string;
}

export interface Split {
  name: string;
  column: string;
  rows: { [id: string]: string }; // the side of each sample: train, val, test, a fold, or what a column says
}

export interface Range {
  median: number; min: number; max: number;
}

export interface Fingerprint {
  cases: number; // samples with a mask
  spacing: [Range, Range, Range]; // mm, in the order of the files' axes
  size: [Range, Range, Range]; // voxels, without borders that are 0
  // Of each channel that has values within the masks after cleaning; all samples weigh alike.
  foreground: { channel: string | null; mean: number; sd: number; median: number; p00_5: number; p99_5: number }[];
}

export interface Report {
  program: string;
  title: string;
  unit: string | null; // of the intensities; null: not known
  picture_window: [number, number] | null; // of the pictures; null: the 1st to the 99th percentile of each
  // In the recipe's order. choices: the values that samples have, in order, where they are few.
  parts: { name: string; choices: string[] | null }[];
  // What the columns `site` and `phase` hold, which are parts or metadata, in order; empty: there is no such column.
  sites: string[];
  phases: string[];
  labels: { label: number; name: string }[];
  label_groups: { name: string; labels: number[] }[];
  // Of the recipe: the window of values (null within it: no limit), and below which size regions are listed (`300 mm3`).
  thresholds: { window: [number | null, number | null] | null; small_regions_before: string | null; small_regions_after: string | null };
  samples: Sample[];
  problems: Problem[];
  outliers: Outlier[];
  fingerprint: Fingerprint | null; // null: no sample with a mask has it on record
  splits: Split[];
}

declare global {
  interface Window {
    nicohort?: Report;
  }
}

const usual_sides = ['train', 'val', 'test'];

/** The sides of a split: train, val and test first, then the others. */
export function sides_of(split: Split): string[] {
  const order = new Intl.Collator('en', { numeric: true });
  const others = new Set(Object.values(split.rows));
  return [...usual_sides.filter((side) => others.delete(side)), ...[...others].sort(order.compare)];
}

/** The items by key, in order of first appearance. */
export function group_by<T>(items: T[], key: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(key(item));
    if (group) group.push(item);
    else groups.set(key(item), [item]);
  }
  return groups;
}

/** What a value that is missing is called in plots; it comes last, in grey. */
export const unknown = 'unknown';

const all_samples = 'all samples';

/** What a sample has in a column, a part or one of the metadata, as text; empty where it has nothing. */
export function column_text(sample: Sample, column: string): string {
  return sample.parts[column] || String(sample.attributes[column] ?? '');
}

/** The axial slices of a sample, whatever the order of its axes; null without an image. */
export function axial({ image }: Sample) {
  if (image === null) return null;
  const { size, spacing, axes: [x, y, z] } = image;
  return { slices: size[z], thickness: spacing[z], in_plane: Math.max(spacing[x], spacing[y]), matrix: [size[x], size[y]] };
}

/** What a sample can be, the worst first. */
export const states = ['not in dataset', 'no mask', 'empty mask', 'ready'] as const;
export type State = (typeof states)[number];

/** A sample is ready if it is in the dataset, with a mask that has voxels where one is expected. */
export function state_of({ written, expects_mask, roi }: Sample): State {
  if (!written) return 'not in dataset';
  if (!expects_mask) return 'ready';
  return roi === null ? 'no mask' : roi.voxels === 0 ? 'empty mask' : 'ready';
}

/** A part as people call it. */
export function part_title(cohort: Cohort, part: string): string {
  if (part === 'pid') return cohort.names_patients ? 'PID' : 'Patient';
  return part.charAt(0).toUpperCase() + part.slice(1);
}

/** The report with what all views look up in it. */
export interface Cohort extends Report {
  by_id: Map<string, Sample>;
  problems_of: Map<string, Problem[]>; // by sample ID
  outliers_of: Map<string, Outlier[]>;
  written: Sample[];
  ready: Sample[];
  attribute_columns: string[];
  foreground: { label: number; name: string }[]; // the labels but 0, then other values of the masks
  groups: string[]; // of samples that plots compare: the sites, or one of all samples
  group: (sample: Sample) => string;
  has_patients: boolean;
  names_patients: boolean; // a patient's name says more than ID, site and pid
}

/** The patients among some samples, each with its samples. */
export function patients(samples: Sample[]): Map<string, Sample[]> {
  return group_by(samples.filter(({ patient }) => patient !== null), ({ patient }) => patient!);
}

// Whether the patients' names are none of those that the reader sees anyway.
function names_patients({ samples, parts }: Report): boolean {
  const named = samples.filter(({ patient }) => patient !== null);
  const seen: ((sample: Sample) => string)[] = [
    ({ id }) => id,
    ({ parts: { site, pid } }) => `${site}_${pid}`,
    ...parts.map(({ name }) => (sample: Sample) => sample.parts[name]),
  ];
  return named.length > 0 && !seen.some((name) => named.every((sample) => sample.patient === name(sample)));
}

function foreground({ labels, samples }: Report): Report['labels'] {
  const named = labels.filter(({ label }) => label !== 0);
  const found = new Set(samples.flatMap(({ roi }) => roi?.by_label.map(({ label }) => label) ?? []));
  for (const { label } of named) found.delete(label);
  return [...named, ...[...found].sort((a, b) => a - b).map((label) => ({ label, name: `value ${label} (no name)` }))];
}

export function make_cohort(report: Report): Cohort {
  const columns = new Set<string>();
  for (const sample of report.samples) for (const column of Object.keys(sample.attributes)) columns.add(column);
  const written = report.samples.filter((sample) => sample.written);
  const has_sites = report.sites.length > 0;
  const group = (sample: Sample) => (has_sites ? column_text(sample, 'site') || unknown : all_samples);
  const named = has_sites ? report.sites : [all_samples];
  return {
    ...report,
    by_id: new Map(report.samples.map((sample) => [sample.id, sample])),
    problems_of: group_by(report.problems.filter((problem) => problem.sample !== null), (problem) => problem.sample!),
    outliers_of: group_by(report.outliers, (outlier) => outlier.sample),
    written,
    ready: written.filter((sample) => state_of(sample) === 'ready'),
    attribute_columns: [...columns],
    foreground: foreground(report),
    groups: written.some((sample) => group(sample) === unknown) ? [...named, unknown] : named,
    group,
    has_patients: written.some(({ patient }) => patient !== null),
    names_patients: names_patients(report),
  };
}
