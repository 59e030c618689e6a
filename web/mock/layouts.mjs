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
