import { h } from '../shared/dom';
import { state_of, type Sample } from './data';

/** What keeps a sample from being ready; nothing if it is. */
export function state_tag(sample: Sample): HTMLElement | null {
  const state = state_of(sample);
  return state === 'ready' ? null : h('b', { class: sample.written ? 'tag warn' : 'tag bad' }, state);
}
