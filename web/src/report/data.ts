// What the program puts into data.js as `window.nicohort`. Every field is there; those marked null may be null.

export type Attribute = string | number | boolean | null;
export type Side = 'train' | 'val' | 'test';

export interface Intensity {
  // HU, within the mask as drawn
  mean: number; sd: number; min: number; max: number;
  p5: number; p25: number; median: number; p75: number; p95: number;
}

export interface Sample {
  id: string;
  site: string;
  phase: string;
  pid: string;
  written: boolean; // false: could not be used
  attributes: { [column: string]: Attribute };
  size: [number, number, number]; // voxels
  spacing: [number, number, number]; // mm
  orientation: string; // such as LPS
  roi: null | {
    // all labels but 0, after cleaning; null without a mask
    voxels: number;
    volume_mm3: number;
    by_label: { label: number; voxels: number; volume_mm3: number }[];
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
  rows: { [id: string]: string };
}

export interface Report {
  program: string;
  title: string;
  sites: string[];
  phases: string[];
  labels: { label: number; name: string }[];
  // Of the recipe: the window of values, and below which size regions are listed (`300 mm3`).
  thresholds: { window: [number, number] | null; small_regions_before: string | null; small_regions_after: string | null };
  samples: Sample[];
  problems: Problem[];
  outliers: Outlier[];
  splits: Split[];
}

declare global {
  interface Window {
    nicohort?: Report;
  }
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

/** The report with what all views look up in it. */
export interface Cohort extends Report {
  by_id: Map<string, Sample>;
  problems_of: Map<string, Problem[]>; // by sample ID
  outliers_of: Map<string, Outlier[]>;
  ready: Sample[]; // written
  attribute_columns: string[];
}

export function make_cohort(report: Report): Cohort {
  const columns = new Set<string>();
  for (const sample of report.samples) for (const column of Object.keys(sample.attributes)) columns.add(column);
  return {
    ...report,
    by_id: new Map(report.samples.map((sample) => [sample.id, sample])),
    problems_of: group_by(report.problems.filter((problem) => problem.sample !== null), (problem) => problem.sample!),
    outliers_of: group_by(report.outliers, (outlier) => outlier.sample),
    ready: report.samples.filter((sample) => sample.written),
    attribute_columns: [...columns],
  };
}
