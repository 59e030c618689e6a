import { png } from './png.mjs';

const box = 192;
const gap = 2;
const after = [0x56, 0xb4, 0xe9];
const before = [0xe6, 0x9f, 0x00];

const inside = (x, y, [cx, cy, rx, ry]) => ((x - cx) / rx) ** 2 + ((y - cy) / ry) ** 2 < 1;
const on_edge = (x, y, shape) => inside(x, y, shape) && ![[1, 0], [-1, 0], [0, 1], [0, -1]].every(([dx, dy]) => inside(x + dx, y + dy, shape));

/** A thumbnail like the program's: three slices of a made-up chest with a tumour, drawn and cleaned. */
export function thumbnail(dice) {
  const width = 3 * box + 2 * gap;
  const rgb = Buffer.alloc(3 * width * box);
  const size = 9 + 14 * dice.uniform();
  const [dx, dy] = [8 * dice.normal(), 5 * dice.normal()];
  for (let view = 0; view < 3; view++) {
    const axial = view === 0;
    const body = [96, 96, view === 2 ? 60 : 88, axial ? 62 : 94];
    const lungs = view === 2 ? [[96, 84, 40, 66]] : [[58, axial ? 92 : 84, 26, axial ? 40 : 62], [134, axial ? 92 : 84, 26, axial ? 40 : 62]];
    const bone = axial ? [96, 134, 14, 12] : [view === 2 ? 140 : 96, 96, 9, 92];
    const tumour = [96 + dx / 2, (axial ? 104 : 100) + dy, size, axial ? size * 0.8 : size * 1.7];
    const drawn = [tumour[0] + 2, tumour[1] - 1, tumour[2] + 4, tumour[3] + 3];
    const speck = [tumour[0] + size + 12, tumour[1] - 12, 3, 3];
    for (let y = 0; y < box; y++)
      for (let x = 0; x < box; x++) {
        let grey = 0;
        if (inside(x, y, body)) grey = 118 + 12 * dice.normal();
        if (lungs.some((lung) => inside(x, y, lung)) && !inside(x, y, drawn)) grey = 8 + 6 * dice.uniform();
        if (inside(x, y, bone)) grey = 225 + 12 * dice.normal();
        if (inside(x, y, tumour)) grey = 150 + 10 * dice.normal();
        let colour = [grey, grey, grey];
        if (on_edge(x, y, drawn) || on_edge(x, y, speck)) colour = before;
        if (on_edge(x, y, tumour)) colour = after;
        const at = 3 * (y * width + view * (box + gap) + x);
        for (let i = 0; i < 3; i++) rgb[at + i] = Math.max(0, Math.min(255, colour[i]));
      }
  }
  return png(width, box, rgb);
}
