import { h } from '../../shared/dom';
import { axial, type Cohort, type Sample } from '../data';
import { cm3 } from '../numbers';
import { cleaning } from './cleaning';
import { distribution } from './distribution';
import { growth } from './growth';
import { intensity } from './intensity';
import { shares } from './shares';
import { splits } from './splits';

export function plots_view(cohort: Cohort): HTMLElement {
  if (cohort.written.length === 0)
    return h('div', { class: 'page' }, h('h1', {}, 'Plots'), h('p', { class: 'muted' }, 'No sample is in the dataset, so there is nothing to plot.'));
  const { groups, group } = cohort;
  const has_sites = cohort.sites.length > 0;
  const by_site = (name: string, unit: string, value: (sample: Sample) => number | null, log = false) =>
    distribution(cohort.written, { name, unit, groups, group, value, where: has_sites ? 'at' : 'of', log });
  const most = (what: string) => (common: string) => `${what}${has_sites ? ' by site' : ''}: ${common} is the most frequent.`;
  const section = (id: string, title: string, ...figures: HTMLElement[]) =>
    h('section', { class: 'plots', 'aria-labelledby': id }, h('h2', { id }, title), h('div', { class: 'figures' }, ...figures));
  return h('div', { class: 'page' },
    h('h1', { class: 'hidden-text' }, 'Plots'),
    section('masks', 'Masks',
      cohort.phases.length > 0 && cohort.has_patients ? growth(cohort)
        : by_site('Mask volume', 'cm³', (sample) => sample.roi && cm3(sample.roi.volume_mm3), true),
      intensity(cohort)),
    section('images', 'Images',
      by_site('Axial slice thickness', 'mm', (sample) => axial(sample)!.thickness),
      by_site('Axial in-plane spacing', 'mm', (sample) => axial(sample)!.in_plane),
      by_site('Scan length', 'mm', (sample) => axial(sample)!.slices * axial(sample)!.thickness),
      by_site('Number of axial slices', 'slices', (sample) => axial(sample)!.slices),
      shares(cohort.written, { title: most('Axial matrix'), groups, group, value: (sample) => axial(sample)!.matrix.join(' × ') }),
      shares(cohort.written, { title: most('Orientation'), groups, group, value: (sample) => sample.image!.orientation })),
    section('cleaning', 'Cleaning', cleaning(cohort)),
    h('section', { class: 'plots', 'aria-labelledby': 'splits' }, h('h2', { id: 'splits' }, 'Splits'), splits(cohort)));
}
