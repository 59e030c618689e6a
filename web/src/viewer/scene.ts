import { MULTIPLANAR_TYPE, NVImage, Niivue, SHOW_RENDER, SLICE_TYPE } from '@niivue/niivue';
import { get_file, type SampleInfo } from './api';
import { all_labels, difference, legend, of_group, type Group, type Label, type Mode } from './overlay';
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
  channel: string | null; // of the volumes; one that a sample does not have stands for its first
  mode: Mode;
  group: Group | null; // of labels, which is shown as one mask; null: each label
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

/** The least and the greatest finite value; those that NiiVue finds are of the middle of the volume only. */
function range(image: NVImage): [number, number] {
  const stored = image.img as ArrayLike<number>;
  let [low, high] = [Infinity, -Infinity];
  for (let i = 0; i < stored.length; i++) {
    if (stored[i] < low && stored[i] !== -Infinity) low = stored[i];
    if (stored[i] > high && stored[i] !== Infinity) high = stored[i];
  }
  if (low > high) return [0, 1]; // not one is finite
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

/** What of an image is not its grid: its voxels, and how they are stored. */
type Stored = Pick<NonNullable<NVImage['hdr']>, 'datatypeCode' | 'numBitsPerVoxel' | 'scl_slope' | 'scl_inter'>;
interface Voxels {
  stored: Stored;
  img: NVImage['img'];
}

function voxels_of({ hdr, img }: NVImage): Voxels {
  const { datatypeCode, numBitsPerVoxel, scl_slope, scl_inter } = hdr!;
  return { stored: { datatypeCode, numBitsPerVoxel, scl_slope, scl_inter }, img };
}

const as_bytes: Stored = { datatypeCode: 2, numBitsPerVoxel: 8, scl_slope: 1, scl_inter: 0 };

/** Gives `image` other voxels, on the same grid. */
function set_voxels(image: NVImage, { stored, img }: Voxels): void {
  Object.assign(image.hdr!, stored);
  image.img = img;
}

export type Voxel = [number, number, number]; // along the axes of the file, from 0

/** Where a voxel is in NiiVue's terms: as shares of the volume along the axes of the body, whatever those of the file are. */
function shares_of({ hdr, permRAS }: NVImage, voxel: Voxel): Voxel {
  return permRAS!.map((axis) => {
    const share = (voxel[Math.abs(axis) - 1] + 0.5) / hdr!.dims[Math.abs(axis)];
    return axis < 0 ? 1 - share : share;
  }) as Voxel;
}

/** The address of the volume that the reader wants to see of a sample. */
function address_of({ volumes }: SampleInfo, wanted: string | null): string {
  return (volumes.find(({ channel }) => channel === wanted) ?? volumes[0]).url;
}

export class Scene {
  private readonly nv: Niivue;
  private masks: { before: Uint8Array | null; after: Uint8Array | null } = { before: null, after: null };
  private overlay: NVImage | null = null;
  private overlaid: { mode: Mode; group: Group | null } | null = null; // what the overlay is of
  private volume_url = '';
  private ranges: { full: [number, number]; usual: [number, number] } = { full: [0, 1], usual: [0, 1] };
  private zoom = 1;

  /** Of the sample's masks: those with a name, then other values that occur. */
  labels: Label[] = [];

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

  /**
   * Loads a sample in place of the one shown. `wanted` says whether it still is, each time something has arrived. Gives
   * what is wrong with the mask as drawn, without which the rest is shown all the same; else nothing.
   */
  async load(sample: SampleInfo, look: Look, wanted: () => boolean): Promise<string> {
    const { before: before_url, after: after_url } = sample.masks;
    let wrong = '';
    const url = address_of(sample, look.channel);
    const [volume, before, after] = await Promise.all([
      load_image(url),
      before_url === null ? null : load_image(before_url).catch((error: Error) => {
        wrong = error.message;
        return null;
      }),
      after_url === null ? null : load_image(after_url)]);
    if (!wanted()) return '';
    while (this.nv.volumes.length > 0) this.nv.removeVolumeByIndex(0);
    this.masks = { before: before && label_values(before), after: after && label_values(after) };
    this.overlay = after ?? before;
    this.overlaid = null;
    this.labels = all_labels(sample.labels, [this.masks.after, this.masks.before]);
    this.take_volume(volume, url);
    volume.colormap = 'gray';
    this.nv.addVolume(volume);
    if (this.overlay) {
      set_voxels(this.overlay, { stored: as_bytes, img: (this.masks.after ?? this.masks.before)! });
      this.nv.addVolume(this.overlay);
    }
    this.show(look);
    this.center();
    return wrong;
  }

  /** Whether the volume is the one that the reader wants to see. */
  shows(sample: SampleInfo, look: Look): boolean {
    return this.volume_url === address_of(sample, look.channel);
  }

  /** Shows the channel of the sample that the reader wants to see now, at the same place. */
  async show_channel(sample: SampleInfo, look: Look, wanted: () => boolean): Promise<void> {
    const url = address_of(sample, look.channel);
    const volume = await load_image(url);
    if (!wanted() || url !== address_of(sample, look.channel)) return;
    this.take_volume(volume, url);
    set_voxels(this.nv.volumes[0], voxels_of(volume));
    this.show(look);
    this.nv.createOnLocationChange();
  }

  private take_volume(volume: NVImage, url: string): void {
    this.volume_url = url;
    this.ranges = { full: range(volume), usual: usual(volume) };
  }

  /** The values of an overlay that there is. */
  private overlay_values(mode: Mode, group: Group | null): Uint8Array {
    const { before, after } = this.masks;
    const of = (labels: Uint8Array) => (group ? of_group(labels, group) : labels);
    if (mode === 'Difference') return difference(of(before!), of(after!));
    return of(mode === 'Before cleaning' ? before! : after!);
  }

  /** Applies window, overlay, layout. */
  show({ mode, group, window, layout, zoom, opacity, outline }: Look): void {
    const volume = this.nv.volumes[0];
    if (!volume) return;
    [volume.cal_min, volume.cal_max] = typeof window.range === 'string' ? this.ranges[window.range] : window.range;
    this.nv.setSliceType(layout.type);
    if (this.overlay) {
      const shown = this.has(mode) ? mode : 'No mask';
      if (shown !== 'No mask' && (this.overlaid?.mode !== shown || this.overlaid.group !== group)) {
        this.overlay.img = this.overlay_values(shown, group);
        this.overlaid = { mode: shown, group };
      }
      const entries = [{ value: 0, name: '', color: [0, 0, 0] }, ...legend(shown === 'No mask' ? 'After cleaning' : shown, this.labels, group)];
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

  /** Moves the crosshair to a voxel. */
  jump(voxel: Voxel): void {
    this.nv.scene.crosshairPos = shares_of(this.nv.volumes[0], voxel);
    this.nv.createOnLocationChange();
    this.keep_in_view();
  }

  /** Moves the crosshair by slices along the body's axes. */
  step(x: number, y: number, z: number): void {
    this.nv.moveCrosshairInVox(x, y, z);
  }

  /** To the middle of the mask's axial slice with the most voxels; of the volume where there is none. */
  private center(): void {
    const labels = this.masks.after?.some((label) => label !== 0) ? this.masks.after : this.masks.before;
    const { hdr, permRAS } = this.nv.volumes[0];
    const [nx, ny, nz] = hdr!.dims.slice(1);
    const middle: Voxel = [(nx - 1) / 2, (ny - 1) / 2, (nz - 1) / 2];
    this.jump((labels && largest_slice(labels, [nx, ny, nz], Math.abs(permRAS![2]) - 1)) ?? middle);
  }
}

/** The mean voxel of the slice across an axis with the most labelled voxels; null without any. */
function largest_slice(labels: Uint8Array, [nx, ny, nz]: Voxel, axis: number): Voxel | null {
  const slices = Array.from({ length: [nx, ny, nz][axis] }, () => ({ n: 0, sums: [0, 0, 0] }));
  const voxel: Voxel = [0, 0, 0];
  for (let at = 0; voxel[2] < nz; voxel[2]++)
    for (voxel[1] = 0; voxel[1] < ny; voxel[1]++)
      for (voxel[0] = 0; voxel[0] < nx; voxel[0]++, at++)
        if (labels[at] !== 0) {
          const slice = slices[voxel[axis]];
          slice.n++;
          voxel.forEach((v, i) => (slice.sums[i] += v));
        }
  const best = slices.reduce((a, b) => (b.n > a.n ? b : a));
  return best.n === 0 ? null : (best.sums.map((sum) => sum / best.n) as Voxel);
}
