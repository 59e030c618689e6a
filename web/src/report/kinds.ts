// One plain sentence for each kind of problem and outlier that the program names.

const problems: { [kind: string]: string } = {
  'unreadable file': 'The file cannot be read, is damaged, or is not what its name says.',
  'geometry': 'Volume and mask do not lie in the same place or have different sizes, or an image says no possible place.',
  'mask value': 'A mask holds values that are no labels.',
  'unmapped label': 'A mask holds a value that the label map does not name.',
  'metadata': 'The workbook and the images do not speak of the same patients, or the workbook lacks something.',
  'layout': 'A file or folder does not have the name or the place that it should; most often it does not fit the recipe.',
  'pseudonym': 'The key does not lead from a pseudonym to a file; it may be another key.',
  'duplicate scan': 'The same scan is there more than once.',
  'incomplete': 'A volume, a mask, a phase, or another file that belongs to the dataset is missing.',
  'changed file': 'A file is not as it was written, or was changed while it was read.',
  'unfinished work': 'A command was stopped, or samples are of an earlier time.',
  'table': 'A manifest, a review or another table does not fit the files or itself, or cannot be written.',
  'split': 'A split is not as it was asked for, or does not fit the manifest.',
  'other': 'Anything else.',
};

const outliers: { [kind: string]: string } = {
  spacing: 'voxel spacing',
  volume: 'tumour volume',
  intensity: 'intensity',
  growth: 'tumour growth',
  empty: 'empty mask',
};

/** As a heading. */
export const kind_title = (kind: string) => kind.charAt(0).toUpperCase() + kind.slice(1);
export const kind_explained = (kind: string) => problems[kind] ?? '';
export const outlier_kind = (kind: string) => outliers[kind] ?? kind;
