import { make_dice } from './dice.mjs';

const sites = [
  { site: 'TJ', thickness: [5, 5, 5, 1.25], inplane: [0.7, 0.9], shift: 0 },
  { site: 'SYTH', thickness: [1, 1.25], inplane: [0.65, 0.8], shift: 18 },
  { site: 'XY', thickness: [5, 8, 2], inplane: [0.75, 0.98], shift: -6 },
];
const phases = ['pre', 'post'];
const markup = '<script>window.pwned = true</script><img src=x onerror="window.pwned = true">';

const round = (value, digits) => Number(value.toFixed(digits));

function attributes(dice, index) {
  return {
    'Sex': dice.pick(['男', '女', '男']),
    'Age': index % 17 === 3 ? null : dice.whole(41, 79),
    'Pathological Complete Response (pCR)': index % 13 === 5 ? null : Number(dice.uniform() < 0.3),
    'cT': dice.pick(['T2', 'T3', 'T3', 'T4a']),
    'Diagnosis': dice.pick(['食管鳞状细胞癌', 'squamous cell carcinoma', 'adenocarcinoma']),
    'Smoker': dice.uniform() < 0.6,
    'Remark': index === 1 ? markup : index % 9 === 0 ? '术前放化疗 2 周期; "二次" 复查' : null,
  };
}

function sample(dice, { site, thickness, inplane, shift }, phase, pid, patient_attributes, volume) {
  const spacing = round(inplane[0] + (inplane[1] - inplane[0]) * dice.uniform(), 3);
  const slice = dice.pick(thickness);
  const voxel = spacing * spacing * slice;
  const voxels = Math.max(0, Math.round(volume / voxel));
  const median = round(48 + shift + 12 * dice.normal(), 1);
  const sd = round(30 + 8 * dice.uniform(), 1);
  const id = `${site}_${pid}_${phase}`;
  return {
    id, patient: `${site}_${pid}`, parts: { site, phase, pid }, written: true, expects_mask: true, attributes: patient_attributes,
    image: {
      size: [512, 512, Math.round(300 / slice) + dice.whole(-4, 9)], spacing: [spacing, spacing, slice],
      orientation: dice.uniform() < 0.9 ? 'LPS' : 'LAS', axes: [0, 1, 2],
    },
    roi: {
      voxels, volume_mm3: round(voxels * voxel, 3),
      by_label: [{ label: 1, voxels, volume_mm3: round(voxels * voxel, 3) }],
      by_group: [{ name: 'tumour', voxels, volume_mm3: round(voxels * voxel, 3) }], not_finite: 0,
      intensity: voxels === 0 ? null : {
        mean: round(median - 4, 2), sd, min: -400 + dice.whole(0, 200), max: dice.whole(180, 900),
        p5: round(median - 2.2 * sd, 1), p25: round(median - 0.6 * sd, 1), median, p75: round(median + 0.6 * sd, 1), p95: round(median + 1.5 * sd, 1),
      },
    },
    cleaning: {
      thresholded: Math.round(voxels * 0.02 * dice.uniform() * (site === 'XY' ? 3 : 1)), removed: dice.whole(0, 40), filled: dice.whole(0, 25), relabelled: 0,
      small_regions_before: dice.whole(0, 9), small_regions_after: dice.whole(0, 2),
    },
    thumbnail: `thumbnails/${id}.png`,
  };
}

/** What can be wrong, planted at samples of known place: so that tests find it. */
function plant(report) {
  const { samples, problems, outliers } = report;
  const at = (share) => samples[Math.floor(share * (samples.length - 1))];
  const lost = at(0.9);
  Object.assign(lost, { written: false, image: null, roi: null, cleaning: null, thumbnail: null });
  problems.push({
    routine: 'confirm_pairs', kind: 'unreadable file', sample: lost.id, subject: `tongji/pre-therapy/images/${lost.patient}.nii.gz`,
    what: 'is truncated: its gzip data end too early; copy or export it again',
  });
  const bare = at(0.7);
  Object.assign(bare, { roi: null, cleaning: null });
  problems.push({
    routine: 'gen_archive_manifest', kind: 'incomplete', subject: bare.id, sample: bare.id,
    what: 'has a volume but no usable mask; the volume was kept: add the mask or repair it',
  });
  problems.push({
    routine: 'gen_archive_manifest', kind: 'metadata', subject: 'data_meta_shiyan-taihe.xlsx', sample: null,
    what: `PID 189145034 is there more than once, remark ${markup}; the first row was used: remove the others`,
  });
  const shifted = at(0.4);
  problems.push({
    routine: 'confirm_pairs', kind: 'geometry', subject: `xiangyang/pre-therapy/masks/${shifted.patient}.nii.gz`, sample: shifted.id,
    what: "the position of the mask differs by up to 5 voxels from the volume; the geometry of the volume was used: check that the mask matches the volume",
  });
  outliers.push(
    { sample: shifted.id, kind: 'intensity', what: `median of ${shifted.roi?.intensity?.median} HU; the others at ${shifted.parts.site} have 20 to 90 HU` },
    { sample: at(0.2).id, kind: 'spacing', what: `slices of ${at(0.2).image.spacing[2]} mm; most at ${at(0.2).parts.site} have 5 mm` });
}

function splits(dice, samples) {
  const side = new Map();
  return sites.map(({ site }, i) => {
    const rows = {};
    for (const sample of samples) {
      if (sample.parts.site !== site || !sample.written) continue;
      if (!side.has(sample.patient)) side.set(sample.patient, dice.pick(['train', 'train', 'train', 'val', 'test', 'test']));
      rows[sample.id] = side.get(sample.patient);
    }
    return { name: `split0${i + 1}_${site}`, column: `split0${i + 1}_${site}`, rows };
  });
}

/** As the program makes it of images and masks, of which this has no values: made up, too. */
function fingerprint(samples) {
  const images = samples.flatMap(({ image, roi }) => (image && roi ? image : []));
  if (images.length === 0) return null;
  const range = (of) => [0, 1, 2].map((axis) => {
    const values = images.map((image) => of(image)[axis]).sort((a, b) => a - b);
    const half = values.length / 2;
    return { median: (values[Math.ceil(half) - 1] + values[Math.floor(half)]) / 2, min: values[0], max: values.at(-1) };
  });
  return {
    cases: images.length, spacing: range(({ spacing }) => spacing), size: range(({ size }) => size),
    foreground: [{ channel: null, mean: 44.25, sd: 36.5, median: 48, p00_5: -97, p99_5: 131.5 }],
  };
}

/** A report of `count` samples, two a patient, as the program writes it. */
export function make_report(count, seed) {
  const dice = make_dice(seed);
  const samples = [];
  const outliers = [];
  for (let index = 0; samples.length < count; index++) {
    const where = sites[index % 3];
    const pid = where.site === 'TJ' ? `00${12007000 + index}` : String(189000000 + index * 37);
    const of_patient = attributes(dice, index);
    const volume = Math.exp(9.8 + 0.8 * dice.normal());
    const factor = index === 4 || (index > 100 && index % 211 === 0) ? 14 : Math.exp(-0.6 + 0.6 * dice.normal());
    const pair = [sample(dice, where, 'pre', pid, of_patient, volume), sample(dice, where, 'post', pid, of_patient, index % 29 === 7 ? 0 : volume * factor)];
    if (index % 41 === 9) Object.assign(pair[1], { image: pair[0].image, roi: pair[0].roi }); // nothing has changed
    if (factor === 14) outliers.push({ sample: pair[1].id, kind: 'growth', what: 'the tumour is 14 times as large as before therapy; look whether both masks show the same' });
    if (pair[1].roi.voxels === 0) outliers.push({ sample: pair[1].id, kind: 'empty', what: 'the mask holds no voxel of any label' });
    samples.push(...pair.slice(0, count - samples.length));
  }
  samples.sort((a, b) => (a.id < b.id ? -1 : 1));
  const report = {
    program: 'nicohort 0.1.0', title: 'ESO-2025.10.31 模拟', unit: 'HU', picture_window: [-160, 240],
    parts: [{ name: 'site', choices: sites.map(({ site }) => site) }, { name: 'phase', choices: phases }, { name: 'pid', choices: null }],
    sites: sites.map(({ site }) => site), phases,
    labels: [{ label: 0, name: 'Bg' }, { label: 1, name: 'EsoROI' }], label_groups: [{ name: 'tumour', labels: [1] }],
    thresholds: { window: [-140, 1000], small_regions_before: '300 mm3', small_regions_after: '300 mm3' },
    samples, problems: [], outliers, fingerprint: null, splits: [],
  };
  if (count >= 6) plant(report);
  report.outliers = outliers.filter((outlier) => samples.some(({ id }) => id === outlier.sample));
  report.fingerprint = fingerprint(samples);
  report.splits = splits(dice, samples);
  return report;
}
