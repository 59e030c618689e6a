// What lies over the volume: a mask, or how cleaning changed it. Colours follow Okabe and Ito; blue is the mask after
// cleaning and orange the mask as drawn, as in the report's pictures.

export const modes = [
  { name: 'After cleaning', key: '1' },
  { name: 'Before cleaning', key: '2' },
  { name: 'Difference', key: '3' },
  { name: 'No mask', key: '0' },
] as const;
export type Mode = (typeof modes)[number]['name'];

type Color = [number, number, number];
export const css = ([r, g, b]: Color) => `rgb(${r} ${g} ${b})`;

export interface Label {
  label: number;
  name: string;
}

/** Labels that are one mask together. */
export interface Group {
  name: string;
  labels: number[];
}

const others: Color[] = [[240, 228, 66], [204, 121, 167], [0, 158, 115], [213, 94, 0]];
const first: { [mode: string]: Color } = { 'After cleaning': [86, 180, 233], 'Before cleaning': [230, 159, 0] };

export interface Entry {
  value: number;
  name: string;
  color: Color;
}

const changes: Entry[] = [
  { value: 1, name: 'kept', color: [86, 180, 233] },
  { value: 2, name: 'removed', color: [230, 159, 0] },
  { value: 3, name: 'added', color: [0, 190, 135] },
  { value: 4, name: 'other label', color: [225, 110, 180] },
];

/** The labels with a name, then the other values of the masks. */
export function all_labels(named: Label[], masks: (Uint8Array | null)[]): Label[] {
  const found = new Uint8Array(256);
  for (const mask of masks) mask?.forEach((value) => (found[value] = 1));
  const without = [...found.keys()].filter((label) => label !== 0 && found[label] && !named.some((other) => other.label === label));
  return [...named, ...without.map((label) => ({ label, name: `value ${label} (no name)` }))];
}

/** The mask of a group: 1 where one of its labels is. */
export function of_group(labels: Uint8Array, { labels: chosen }: Group): Uint8Array {
  const is_in = new Uint8Array(256);
  for (const label of chosen) is_in[label] = 1;
  return labels.map((label) => is_in[label]);
}

/** What the values of the overlay mean. */
export function legend(mode: Mode, labels: Label[], group: Group | null): Entry[] {
  if (mode === 'No mask') return [];
  if (mode === 'Difference') return changes;
  if (group) return [{ value: 1, name: group.name, color: first[mode] }];
  return labels.filter(({ label }) => label !== 0)
    .map(({ label, name }, i) => ({ value: label, name, color: i === 0 ? first[mode] : others[(i - 1) % others.length] }));
}

/** 0 nothing, 1 kept, 2 removed, 3 added, 4 another label; both masks have the same voxels. */
export function difference(before: Uint8Array, after: Uint8Array): Uint8Array {
  const change = new Uint8Array(before.length);
  for (let i = 0; i < before.length; i++) {
    const [old, now] = [before[i], after[i]];
    if (old === 0 && now === 0) continue;
    change[i] = old === now ? 1 : now === 0 ? 2 : old === 0 ? 3 : 4;
  }
  return change;
}
