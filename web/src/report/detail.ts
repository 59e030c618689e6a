import { fill, h, type Child } from '../shared/dom';
import { axial, part_title, type Cohort, type Sample } from './data';
import { outlier_kind } from './kinds';
import { cm3, count, decimal, in_unit, number_of, short, size_text, window_text } from './numbers';
import { problem_text } from './problem_text';
import { shown_samples } from './samples';
import { set_param } from './state';
import { state_tag } from './state_tag';
import { outline_legend, thumbnail } from './thumbnail';

type Fact = [name: string, value: string | number | boolean | null];

function facts(title: string, rows: Fact[]): HTMLElement | null {
  if (rows.length === 0) return null;
  return h('section', { class: rows.length > 12 ? 'long' : null }, h('h3', {}, title),
    h('dl', {}, ...rows.flatMap(([name, value]) => [
      h('dt', {}, name),
      h('dd', {}, value === null || value === '' ? '–' : typeof value === 'boolean' ? (value ? 'yes' : 'no') : typeof value === 'number' ? decimal(value) : value),
    ])));
}

function mask_facts(cohort: Cohort, sample: Sample): Fact[] {
  if (!sample.roi) return [['Mask', 'none']];
  const { roi } = sample;
  const name = (label: number) => cohort.foreground.find((entry) => entry.label === label)!.name;
  const rows: Fact[] = [
    ['Volume', `${short(cm3(roi.volume_mm3))} cm³`],
    ['Voxels', count(roi.voxels)],
    ...(cohort.foreground.length > 1 ? roi.by_label.map(({ label, volume_mm3 }): Fact => [name(label), `${short(cm3(volume_mm3))} cm³`]) : []),
    ...roi.by_group.map(({ name, volume_mm3 }): Fact => [`${name} (group)`, `${short(cm3(volume_mm3))} cm³`]),
  ];
  if (roi.not_finite > 0) rows.push(['NaN or infinite', number_of(roi.not_finite, 'voxel')]);
  if (roi.intensity) {
    const { median, p25, p75, p5, p95, mean, sd, min, max } = roi.intensity;
    rows.push(
      ['Median', in_unit(short(median), cohort.unit)],
      ['Middle half', in_unit(`${short(p25)} to ${short(p75)}`, cohort.unit)],
      ['5 % to 95 %', in_unit(`${short(p5)} to ${short(p95)}`, cohort.unit)],
      ['Mean ± SD', in_unit(`${short(mean)} ± ${short(sd)}`, cohort.unit)],
      ['Least, most', in_unit(`${short(min)}, ${short(max)}`, cohort.unit)]);
  }
  return rows;
}

function image_facts(sample: Sample): Fact[] {
  if (sample.image === null) return [['Image', 'none']];
  const { size, spacing, orientation } = sample.image;
  const { slices, thickness } = axial(sample)!;
  return [
    ['Size', `${size.join(' × ')} voxels`],
    ['Spacing', `${spacing.map(decimal).join(' × ')} mm`],
    ['Orientation', orientation],
    ['Axial slices', `${count(slices)} of ${decimal(thickness)} mm`],
  ];
}

function cleaning(cohort: Cohort, sample: Sample): Fact[] {
  if (!sample.cleaning) return [];
  const { window, small_regions_before: size_before, small_regions_after: size_after } = cohort.thresholds;
  const { thresholded, removed, filled, relabelled, small_regions_before, small_regions_after } = sample.cleaning;
  const rows: Fact[] = [
    [window ? `Outside ${window_text(window, cohort.unit)}` : 'Thresholded', number_of(thresholded, 'voxel')],
    ['Specks removed', number_of(removed, 'voxel')],
    ['Holes filled', number_of(filled, 'voxel')],
    ['Other label', number_of(relabelled, 'voxel')],
  ];
  if (size_before !== null && small_regions_before !== null) rows.push([`Regions < ${size_text(size_before)} before`, count(small_regions_before)]);
  if (size_after !== null && small_regions_after !== null) rows.push([`Regions < ${size_text(size_after)} after`, count(small_regions_after)]);
  return rows;
}

/** The panel of one sample: its picture, all that is known of it, its problems. Opened by the address (`sample=ID`). */
export function detail_dialog(cohort: Cohort) {
  let current = '';
  const inside = h('div', { class: 'inside' });
  const dialog = h('dialog', {
    class: 'detail',
    'aria-labelledby': 'detail-title',
    onclose: () => set_param('sample', null),
    onclick: (event: MouseEvent) => event.target === dialog && dialog.close(),
    onkeydown: (event: KeyboardEvent) => {
      if (event.key === 'ArrowRight') go(1);
      if (event.key === 'ArrowLeft') go(-1);
    },
  }, inside);

  /** The samples to leaf through: those of the table, if it shows this one. */
  function order(): Sample[] {
    return shown_samples.some((sample) => sample.id === current) ? shown_samples : cohort.samples;
  }

  function go(step: number) {
    const samples = order();
    const next = samples[samples.findIndex((sample) => sample.id === current) + step];
    if (!next) return;
    set_param('sample', next.id);
    show(next);
  }

  function show(sample: Sample) {
    current = sample.id;
    const samples = order();
    const index = samples.findIndex((other) => other.id === sample.id);
    const focused = (document.activeElement as HTMLElement | null)?.dataset.action;
    const problems = cohort.problems_of.get(sample.id) ?? [];
    const outliers = cohort.outliers_of.get(sample.id) ?? [];
    const served = location.protocol.startsWith('http');
    const button = (action: string, text: Child, onclick: () => void, disabled = false, label?: string) =>
      h('button', { type: 'button', 'data-action': action, onclick, disabled, 'aria-label': label }, text);
    fill(inside,
      h('header', {},
        h('h2', { id: 'detail-title' }, sample.id),
        state_tag(sample),
        h('span', { class: 'muted' }, `${count(index + 1)} of ${count(samples.length)}`),
        served && sample.written && h('a', { class: 'button', href: `/viewer.html?id=${encodeURIComponent(sample.id)}` }, 'Open in viewer'),
        button('previous', '← Previous', () => go(-1), index === 0),
        button('next', 'Next →', () => go(1), index === samples.length - 1),
        button('close', '✕', () => dialog.close(), false, 'Close')),
      thumbnail(sample, `Axial, coronal and sagittal slice of ${sample.id} with the mask's outline`),
      sample.thumbnail !== null && outline_legend(cohort),
      outliers.length > 0 && h('section', { class: 'notes warn' }, h('h3', {}, 'Outliers'),
        h('ul', {}, ...outliers.map((outlier) => h('li', {}, h('b', {}, outlier_kind(outlier.kind)), ': ', outlier.what)))),
      problems.length > 0 && h('section', { class: 'notes bad' }, h('h3', {}, 'Problems'),
        h('ul', {}, ...problems.map((problem) => h('li', {},
          h('span', { class: 'muted' }, problem.kind, ', found by ', h('code', {}, problem.routine), ': ', h('code', {}, problem.subject)),
          problem_text(problem.what))))),
      h('div', { class: 'facts' },
        facts('Sample', [...cohort.parts.map(({ name }): Fact => [part_title(cohort, name), sample.parts[name]]),
          ...(cohort.names_patients ? [['Patient', sample.patient] as Fact] : []),
          ...cohort.splits.filter((split) => sample.id in split.rows).map((split): Fact => [split.name, split.rows[sample.id]])]),
        facts('Image', image_facts(sample)),
        facts('Mask', mask_facts(cohort, sample)),
        facts('Cleaning', cleaning(cohort, sample)),
        facts('Metadata', Object.entries(sample.attributes))));
    if (focused) {
      const again = inside.querySelector<HTMLButtonElement>(`[data-action=${focused}]`);
      (again?.disabled ? inside.querySelector<HTMLElement>('[data-action=close]') : again)?.focus();
    }
  }

  return {
    element: dialog,
    /** Shows the sample that the address names, or closes. */
    update(id: string | null) {
      const sample = id === null ? undefined : cohort.by_id.get(id);
      if (!sample) return dialog.close();
      show(sample);
      if (!dialog.open) dialog.showModal();
    },
  };
}
