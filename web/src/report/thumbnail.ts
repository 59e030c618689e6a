import { h } from '../shared/dom';
import type { Cohort, Sample } from './data';
import { in_unit, short } from './numbers';

/** The sample's picture: axial, coronal, sagittal. Loaded when it comes into view; a note where there is none. */
export function thumbnail(sample: Sample, alt: string): HTMLElement {
  const none = () => h('span', { class: 'no-picture' }, 'no picture');
  if (sample.thumbnail === null) return h('span', { class: 'thumbnail' }, none());
  const path = sample.thumbnail.split('/').map(encodeURIComponent).join('/');
  const image = h('img', {
    src: path,
    alt,
    loading: 'lazy',
    decoding: 'async',
    onerror: () => image.replaceWith(none()),
  });
  return h('span', { class: 'thumbnail' }, image);
}

/** What the outlines in the pictures are. */
export function outline_legend({ picture_window, unit }: Cohort): HTMLElement {
  const shown = picture_window ? in_unit(`${short(picture_window[0])} to ${short(picture_window[1])}`, unit) : '1st to 99th percentile of the values';
  return h('p', { class: 'legend' },
    h('span', {}, `Axial, coronal and sagittal slice through the mask; ${shown}.`),
    h('span', {}, h('i', { class: 'swatch outline-after' }), 'mask after cleaning'),
    h('span', {}, h('i', { class: 'swatch outline-before' }), 'mask as drawn, where it differs'),
  );
}
