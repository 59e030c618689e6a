import type { SampleInfo } from './api';

/** What of the values is shown: from black to white; 'usual' is most of the volume's values, 'full' all of them. */
export interface Window {
  name: string;
  range: readonly [number, number] | 'usual' | 'full';
}

const full: Window = { name: 'Full', range: 'full' };

/** CT windows, in HU, as readers name them. */
const of_ct: readonly Window[] = [
  { name: 'Soft tissue', range: [-160, 240] },
  { name: 'Lung', range: [-1350, 150] },
  { name: 'Bone', range: [-500, 1300] },
  { name: 'Liver', range: [-20, 140] },
];

/** The windows for the volumes of a dataset, the first one to begin with: the recipe's, and those that its unit has. */
export function windows_of({ unit, window }: Pick<SampleInfo, 'unit' | 'window'>): readonly Window[] {
  const usual: readonly Window[] = unit === 'HU' ? of_ct : [{ name: 'Usual', range: 'usual' }];
  const is_there = usual.some(({ range }) => window !== null && String(range) === String(window));
  return [...(window === null || is_there ? [] : [{ name: 'Recipe', range: window }]), ...usual, full];
}
