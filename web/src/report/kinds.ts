// One plain sentence for each kind of problem and outlier that the program names, and their order.
import { group_by, state_of, type Cohort, type Problem } from './data';

const problems: { [kind: string]: string } = {
  'unreadable file': 'The file cannot be read, is damaged, or is not of the type that its name says.',
  'geometry': 'Volume and mask differ in size or position, or the geometry of an image is impossible.',
  'mask value': 'A mask contains values that cannot be labels.',
  'unmapped label': 'A mask contains a label that is not in the label map.',
  'image content': 'A volume has the same value everywhere, a mask is empty, or steps removed most of a mask.',
  'metadata': 'A metadata workbook is incomplete, or does not match the images.',
  'layout': 'A file or folder has a wrong name or is in a wrong place; usually it does not match the recipe.',
  'pseudonym': 'No file can be found for a pseudonym with this key; it may be the wrong key.',
  'duplicate scan': 'The same scan occurs more than once.',
  'incomplete': 'A volume, a mask, a phase, or another file that belongs to the dataset is missing.',
  'changed file': 'A file has changed since it was written, or while it was read.',
  'unfinished work': 'A command was interrupted, or samples are out of date.',
  'table': 'A manifest, a review or another table does not match the files, contradicts itself, or cannot be written.',
  'split': 'A split is not as requested, or does not match the manifest.',
  'other': 'Anything else.',
};

const outliers: { [kind: string]: string } = {
  spacing: 'voxel spacing',
  volume: 'mask volume',
  intensity: 'intensity',
  growth: 'mask growth',
  empty: 'empty mask',
};

/** Problems by kind: first the kinds that have cost most samples, then the most frequent. */
export function kinds_by_severity(cohort: Cohort, all: Problem[]): [kind: string, problems: Problem[]][] {
  const lost = (those: Problem[]) => new Set(those.flatMap(({ sample }) => {
    const of = cohort.by_id.get(sample ?? '');
    return of && state_of(of) !== 'ready' ? [of] : [];
  })).size;
  return [...group_by(all, ({ kind }) => kind)].sort((a, b) => lost(b[1]) - lost(a[1]) || b[1].length - a[1].length);
}

/** As a heading. */
export const kind_title = (kind: string) => kind.charAt(0).toUpperCase() + kind.slice(1);
export const kind_explained = (kind: string) => problems[kind] ?? '';
export const outlier_kind = (kind: string) => outliers[kind] ?? kind;
