import { h } from '../shared/dom';

/** A problem's text: what is wrong, and on its own line what was done or is to be done. */
export function problem_text(what: string): HTMLElement {
  const [wrong, ...rest] = what.split('; ');
  return h('div', { class: 'problem-text' }, h('p', {}, wrong), rest.length > 0 && h('p', { class: 'remedy' }, rest.join('; ')));
}
