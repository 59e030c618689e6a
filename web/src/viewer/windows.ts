/** CT windows in HU, as readers name them; full is the range of the volume. */
export const windows = [
  { name: 'Soft tissue', range: [-160, 240] },
  { name: 'Lung', range: [-1350, 150] },
  { name: 'Bone', range: [-500, 1300] },
  { name: 'Liver', range: [-20, 140] },
  { name: 'Full', range: null },
] as const;

export type Window = (typeof windows)[number];
