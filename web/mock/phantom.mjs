import { nifti } from './nifti.mjs';

const size = [72, 72, 36];
const spacing = [2, 2, 4];
// LPS voxels, as CT has them: x and y count against the world's axes.
const affine = [[-2, 0, 0, 70], [0, -2, 0, 66], [0, 0, 4, -50]];

const inside = (p, center, radius) => p.reduce((sum, v, i) => sum + ((v - center[i]) * spacing[i] / radius) ** 2, 0) < 1;

/** World mm of a voxel. */
export const world = (voxel) => affine.map((row) => row[0] * voxel[0] + row[1] * voxel[1] + row[2] * voxel[2] + row[3]);

export const tumour = [40, 30, 18];
export const speck = [20, 50, 10]; // in the mask as drawn only
export const crumb = [52, 44, 24]; // the same, one voxel
export const hole = [40, 30, 18]; // not in the mask as drawn

/** A body with a tumour, drawn with a speck and a hole, and cleaned. */
export function phantom() {
  const n = size[0] * size[1] * size[2];
  const [volume, before, after] = [new Int16Array(n), new Uint8Array(n), new Uint8Array(n)];
  for (let z = 0, at = 0; z < size[2]; z++)
    for (let y = 0; y < size[1]; y++)
      for (let x = 0; x < size[0]; x++, at++) {
        const p = [x, y, z];
        const body = ((x - 36) / 32) ** 2 + ((y - 36) / 24) ** 2 < 1;
        const in_tumour = inside(p, tumour, 18);
        volume[at] = !body ? -1000 : in_tumour ? 70 : 30;
        after[at] = in_tumour ? 1 : 0;
        before[at] = (in_tumour && !inside(p, hole, 5)) || inside(p, speck, 5) || p.every((v, i) => v === crumb[i]) ? 1 : 0;
      }
  const file = (type, values) => nifti(size, spacing, affine, type, values);
  const removed = before.reduce((sum, v, i) => sum + (v && !after[i] ? 1 : 0), 0);
  const region = ([x, y, z], voxels) => {
    const [x_mm, y_mm, z_mm] = world([x, y, z]);
    return { label: 1, name: 'EsoROI', voxels, volume_mm3: voxels * 16, x, y, z, x_mm, y_mm, z_mm, when: 'before' };
  };
  return {
    volume: file('int16', volume), before: file('uint8', before), after: file('uint8', after),
    regions: [region(crumb, 1), region(speck, removed - 1)],
  };
}
