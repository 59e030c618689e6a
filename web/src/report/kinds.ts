// One plain sentence for each kind of problem and outlier that the program names.

const problems: { [kind: string]: string } = {
  'unreadable file': 'The file is damaged, or is not the image that its name says.',
  'geometry': 'Volume and mask do not lie in the same place, or have different sizes.',
  'metadata': 'The workbook and the images do not speak of the same patients.',
  'unmapped label': 'A mask holds a value that the label map does not name.',
  'duplicate scan': 'The same scan is there more than once.',
  'incomplete': 'A volume, a mask or a phase is missing.',
  'split': 'A split is not as it was asked for.',
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
