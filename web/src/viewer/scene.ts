import { MULTIPLANAR_TYPE, NVImage, Niivue, SHOW_RENDER, SLICE_TYPE } from '@niivue/niivue';
import { get_file, type SampleInfo } from './api';
import { difference, legend, type Mode } from './overlay';
import type { Window } from './windows';

export const layouts = [
  { name: 'All planes', type: SLICE_TYPE.MULTIPLANAR },
  { name: 'Axial', type: SLICE_TYPE.AXIAL },
  { name: 'Coronal', type: SLICE_TYPE.CORONAL },
  { name: 'Sagittal', type: SLICE_TYPE.SAGITTAL },
  { name: '3D', type: SLICE_TYPE.RENDER },
] as const;
export type Layout = (typeof layouts)[number];

export const zooms = [
  { name: '1×', factor: 1 },
  { name: '2×', factor: 2 },
  { name: '4×', factor: 4 },
  { name: '8×', factor: 8 },
] as const;
export type Zoom = (typeof zooms)[number];

export interface Place {
  mm: [number, number, number];
  value: number; // of the volume
}

/** How the reader wants to see every sample. */
export interface Look {
  mode: Mode;
  window: Window;
  layout: Layout;
  zoom: Zoom;
  opacity: number; // 0 to 1
  outline: boolean;
}

async function load_image(url: string): Promise<NVImage> {
  const buffer = await get_file(url);
  return NVImage.loadFromUrl({ url, name: 'image.nii.gz', buffer }).catch(() => {
    throw new Error(`Cannot read ${decodeURIComponent(url)}: it is damaged or not a NIfTI image; run the command that wrote it again`);
  });
}

/** The label of every voxel; scaling of the file applied. */
function label_values(image: NVImage): Uint8Array {
  const { scl_slope, scl_inter } = image.hdr!;
  const slope = scl_slope || 1;
  return Uint8Array.from(image.img as ArrayLike<number>, (stored) => stored * slope + (scl_inter || 0));
}

// NIfTI-1's NIFTI_INTENT_LABEL: NiiVue outlines only what says that it is labels. Filled, it would fade such small
// regions as are looked for here, so that only outlines say it.
const label_intent = 1002;

/** The least and the greatest value; those that NiiVue finds are of the middle of the volume only. */
function range(image: NVImage): [number, number] {
  const stored = image.img as ArrayLike<number>;
  let [low, high] = [Infinity, -Infinity];
  for (let i = 0; i < stored.length; i++) {
    if (stored[i] < low) low = stored[i];
    if (stored[i] > high) high = stored[i];
  }
  const { scl_slope, scl_inter } = image.hdr!;
  const values = [low, high].map((v) => v * (scl_slope || 1) + (scl_inter || 0));
  return [Math.min(...values), Math.max(...values)];
}

/** The 1st and the 99th percentile of the finite values, from a million of them at most. */
function usual(image: NVImage): [number, number] {
  const stored = image.img as ArrayLike<number>;
  const step = Math.ceil(stored.length / 1e6);
  const some = Float64Array.from({ length: Math.floor(stored.length / step) }, (_, i) => stored[i * step]).filter(Number.isFinite).sort();
  const { scl_slope, scl_inter } = image.hdr!;
  const at = (share: number) => (some[Math.round(share * (some.length - 1))] ?? 0) * (scl_slope || 1) + (scl_inter || 0);
  return [at(0.01), at(0.99)];
}

/** Makes `image` one of bytes, on the same grid. */
function set_bytes(image: NVImage, bytes: Uint8Array): void {
  Object.assign(image.hdr!, { datatypeCode: 2, numBitsPerVoxel: 8, scl_slope: 1, scl_inter: 0 });
  image.img = bytes;
}

export class Scene {
  private readonly nv: Niivue;
  private masks: { before: Uint8Array | null; after: Uint8Array | null } = { before: null, after: null };
  private overlay: NVImage | null = null;
  private labels: SampleInfo['labels'] = [];
  private ranges: { full: [number, number]; usual: [number, number] } = { full: [0, 1], usual: [0, 1] };
  private zoom = 1;

  private constructor(nv: Niivue) {
    this.nv = nv;
  }

  /** Attaches to the canvas; throws where there is no WebGL 2. `moved` is told where the crosshair is. */
  static async on(canvas: HTMLCanvasElement, moved: (place: Place) => void): Promise<Scene> {
    const nv = new Niivue({
      backColor: [0, 0, 0, 1],
      crosshairColor: [0.95, 0.9, 0.3, 0.8],
      crosshairWidth: 0.7,
      crosshairWidthUnit: 'mm',
      fontColor: [1, 1, 1, 1],
      multiplanarLayout: MULTIPLANAR_TYPE.GRID,
      crosshairGap: 12,
      show3Dcrosshair: true,
      isRadiologicalConvention: true,
      isColorbar: false,
      isNearestInterpolation: false,
      isOrientCube: false,
      multiplanarShowRender: SHOW_RENDER.ALWAYS,
      multiplanarPadPixels: 2,
      dragAndDropEnabled: false,
      loadingText: '',
      clipPlaneHotKey: '',
      cycleClipPlaneHotKey: '',
      viewModeHotKey: '',
      logLevel: 'error',
      renderOverlayBlend: 1,
      scrollRequiresFocus: false,
    });
    nv.onLocationChange = (location) => {
      const { mm, values } = location as { mm: number[]; values: { value: number }[] };
      if (values.length > 0) moved({ mm: [mm[0], mm[1], mm[2]], value: values[0].value });
    };
    await nv.attachToCanvas(canvas);
    return new Scene(nv);
  }

  /** Which overlays this sample has. */
  has(mode: Mode): boolean {
    if (mode === 'No mask') return true;
    if (mode === 'After cleaning') return this.masks.after !== null;
    if (mode === 'Before cleaning') return this.masks.before !== null;
    return this.masks.before !== null && this.masks.after?.length === this.masks.before.length;
  }

  /** Loads a sample in place of the one shown. `wanted` says whether it still is, each time something has arrived. */
  async load(sample: SampleInfo, look: Look, wanted: () => boolean): Promise<void> {
    const { before: before_url, after: after_url } = sample.masks;
    const [volume, before, after] = await Promise.all([
      load_image(sample.volume), before_url === null ? null : load_image(before_url), after_url === null ? null : load_image(after_url)]);
    if (!wanted()) return;
    while (this.nv.volumes.length > 0) this.nv.removeVolumeByIndex(0);
    // The mask as drawn may carry another geometry in its header; its voxels are those of the volume all the same.
    this.masks = { before: before && label_values(before), after: after && label_values(after) };
    this.overlay = after ?? before;
    this.labels = sample.labels;
    this.ranges = { full: range(volume), usual: usual(volume) };
    volume.colormap = 'gray';
    this.nv.addVolume(volume);
    if (this.overlay) {
      set_bytes(this.overlay, this.masks.after ?? this.masks.before!);
      this.nv.addVolume(this.overlay);
    }
    this.show(look);
    this.center();
  }

  /** Applies window, overlay, layout. */
  show({ mode, window, layout, zoom, opacity, outline }: Look): void {
    const volume = this.nv.volumes[0];
    if (!volume) return;
    [volume.cal_min, volume.cal_max] = typeof window.range === 'string' ? this.ranges[window.range] : window.range;
    this.nv.setSliceType(layout.type);
    if (this.overlay) {
      const { before, after } = this.masks;
      const shown = this.has(mode) ? mode : 'No mask';
      if (shown === 'After cleaning') this.overlay.img = after!;
      if (shown === 'Before cleaning') this.overlay.img = before!;
      if (shown === 'Difference') this.overlay.img = difference(before!, after!);
      const entries = [{ value: 0, name: '', color: [0, 0, 0] }, ...legend(shown === 'No mask' ? 'After cleaning' : shown, this.labels)];
      this.overlay.setColormapLabel({
        R: entries.map(({ color }) => color[0]),
        G: entries.map(({ color }) => color[1]),
        B: entries.map(({ color }) => color[2]),
        A: entries.map(({ value }) => (value === 0 || outline ? 0 : 255)), // outlined, the inside is clear
        I: entries.map(({ value }) => value),
        labels: entries.map(({ name }) => name),
      });
      const visible = shown === 'No mask' ? 0 : opacity;
      this.overlay.opacity = visible;
      this.overlay.hdr!.intent_code = outline ? label_intent : 0;
      this.nv.opts.atlasOutline = outline ? Math.sqrt(visible) : 0; // thin lines need more
    }
    this.nv.updateGLVolume();
    if (zoom.factor !== this.zoom) {
      this.zoom = zoom.factor;
      this.keep_in_view();
    }
  }

  /** Magnifies about the crosshair, which stays where it is on the screen. */
  private keep_in_view(): void {
    const [x, y, z] = this.nv.frac2mm(this.nv.scene.crosshairPos);
    const shift = 1 - this.zoom;
    this.nv.setPan2Dxyzmm([shift * x, shift * y, shift * z, this.zoom]);
  }

  /** Moves the crosshair to a point in world mm. */
  jump(mm: [number, number, number]): void {
    this.nv.scene.crosshairPos = this.nv.mm2frac(mm);
    this.nv.createOnLocationChange();
    this.keep_in_view();
  }

  /** Moves the crosshair by slices along the body's axes. */
  step(x: number, y: number, z: number): void {
    this.nv.moveCrosshairInVox(x, y, z);
  }

  /** To the middle of the mask's slice with the most voxels; of the volume where there is none. */
  private center(): void {
    const labels = this.masks.after?.some((label) => label !== 0) ? this.masks.after : this.masks.before;
    const middle = labels && largest_slice(labels, this.nv.volumes[0].dims!);
    if (!middle) {
      this.nv.scene.crosshairPos = [0.5, 0.5, 0.5];
    } else {
      const m = this.nv.volumes[0].hdr!.affine;
      const world = [0, 1, 2].map((row) => m[row][0] * middle[0] + m[row][1] * middle[1] + m[row][2] * middle[2] + m[row][3]);
      this.nv.scene.crosshairPos = this.nv.mm2frac(world as [number, number, number]);
    }
    this.nv.createOnLocationChange();
    this.keep_in_view();
  }
}

/** The mean voxel of the slice (fixed z) with the most labelled voxels; null without any. */
function largest_slice(labels: Uint8Array, dims: number[]): [number, number, number] | null {
  const [, nx, ny, nz] = dims;
  let best = { n: 0, x: 0, y: 0, z: 0 };
  for (let z = 0; z < nz; z++) {
    const slice = { n: 0, x: 0, y: 0, z };
    for (let y = 0, at = z * nx * ny; y < ny; y++)
      for (let x = 0; x < nx; x++, at++)
        if (labels[at] !== 0) {
          slice.n++;
          slice.x += x;
          slice.y += y;
        }
    if (slice.n > best.n) best = slice;
  }
  return best.n === 0 ? null : [best.x / best.n, best.y / best.n, best.z];
}
