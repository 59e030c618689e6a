// The made-up cohort as archives of other parts have it.

/** The samples by other parts, patients and identifiers; all that names samples follows. */
function renamed(report, { parts, patient, id, attributes = (sample) => sample.attributes }) {
  const ids = new Map(report.samples.map((sample) => [sample.id, id(sample)]));
  const samples = report.samples.map((sample) => ({
    ...sample, id: id(sample), patient: patient(sample), parts: parts(sample), attributes: attributes(sample),
    thumbnail: sample.thumbnail && `thumbnails/${id(sample)}.png`,
  }));
  const of_sample = (item) => ({ ...item, sample: ids.get(item.sample) ?? null });
  return {
    ...report,
    samples: samples.sort((a, b) => (a.id < b.id ? -1 : 1)),
    problems: report.problems.map(of_sample),
    outliers: report.outliers.map(of_sample),
    splits: report.splits.map((split) => ({ ...split, rows: Object.fromEntries(Object.entries(split.rows).map(([of, side]) => [ids.get(of), side])) })),
  };
}

const session = ({ parts: { phase, pid } }) => (phase === 'pre' ? '01' : Number(pid) % 5 === 0 ? '' : '02');

export const layouts = {
  /** ESO-2025.10.31: parts site, phase, pid. */
  phases: (report) => report,

  /** As the Decathlon has it: parts subset and pid, each sample a patient; no unit, no window. */
  subsets(report) {
    const pid = ({ id }) => `spleen_${id}`;
    const changed = renamed(report, { id: pid, patient: pid, parts: (sample) => ({ subset: sample.parts.phase === 'pre' ? 'train' : 'test', pid: pid(sample) }) });
    return {
      ...changed, unit: null, picture_window: null, parts: [{ name: 'subset', choices: ['train', 'test'] }, { name: 'pid', choices: null }], sites: [], phases: [],
      thresholds: { ...report.thresholds, window: null },
    };
  },

  /** Of two labels, which are a group, and values of the masks that have no name. */
  labels(report) {
    const divided = (roi, i) => {
      const share = (label, part) => ({ label, voxels: Math.round(roi.voxels * part), volume_mm3: roi.volume_mm3 * part });
      if (roi.voxels === 0) return { ...roi, by_label: [], by_group: [{ name: 'whole', voxels: 0, volume_mm3: 0 }] };
      const by_label = i % 3 === 0 ? [share(1, 0.5), share(2, 0.3), share(9, 0.2)] : i % 3 === 1 ? [share(1, 0.6), share(2, 0.4)] : [share(2, 1)];
      const [voxels, volume_mm3] = ['voxels', 'volume_mm3'].map((what) => by_label.filter(({ label }) => label < 9).reduce((sum, part) => sum + part[what], 0));
      return { ...roi, by_label, by_group: [{ name: 'whole', voxels, volume_mm3 }] };
    };
    return {
      ...report, labels: [{ label: 0, name: 'Bg' }, { label: 1, name: 'core' }, { label: 2, name: 'oedema' }], label_groups: [{ name: 'whole', labels: [1, 2] }],
      thresholds: { ...report.thresholds, window: [null, 1000] },
      samples: report.samples.map((sample, i) => ({ ...sample, roi: sample.roi && divided(sample.roi, i) })),
    };
  },

  /** Of which nothing is wrong but that every 40th mask is empty. */
  empty(report) {
    const roi = { voxels: 0, volume_mm3: 0, by_label: [], by_group: [], not_finite: 0, intensity: null };
    const samples = report.samples.filter((sample) => sample.written && sample.roi?.voxels > 0);
    return { ...report, problems: [], outliers: [], samples: samples.map((sample, i) => (i % 40 === 0 ? { ...sample, roi } : sample)) };
  },

  /** With files whose axes have another order: half of the samples are stored as sagittal slices. */
  turned(report) {
    const turned = ({ size: [x, y, z], spacing: [dx, dy, dz] }) => ({ size: [y, z, x], spacing: [dy, dz, dx], orientation: 'PIR', axes: [2, 0, 1] });
    return { ...report, samples: report.samples.map((sample, i) => (sample.image && i % 2 ? { ...sample, image: turned(sample.image) } : sample)) };
  },

  /** As BIDS has it: parts pid and ses, which some have not; site and phase stand in the metadata, the site not for all. */
  sessions(report) {
    const pid = ({ parts: { site, pid } }) => `${site}${pid}`;
    const changed = renamed(report, {
      id: (sample) => `sub-${pid(sample)}_${sample.parts.phase}`,
      patient: (sample) => `sub-${pid(sample)}`,
      parts: (sample) => ({ pid: pid(sample), ses: session(sample) }),
      attributes: ({ parts: { site, phase, pid }, attributes }) => ({ site: Number(pid) % 7 === 0 ? null : site, phase, ...attributes }),
    });
    return { ...changed, unit: 'SUV', picture_window: [0, 12.5], parts: [{ name: 'pid', choices: null }, { name: 'ses', choices: ['01', '02'] }] };
  },
};
