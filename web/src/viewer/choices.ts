import { h } from '../shared/dom';

/** Buttons of which one is chosen, as a group of radio buttons. */
export function choices<T extends { name: string; key?: string }>(label: string, items: readonly T[], start: T, chosen: (item: T) => void) {
  const inputs = items.map((item) =>
    h('input', { type: 'radio', name: label, value: item.name, checked: item === start, onchange: () => chosen(item) }));
  const element = h('fieldset', { class: 'choices' }, h('legend', {}, label),
    ...items.map((item, i) => h('label', {}, inputs[i], h('span', {}, item.name, item.key && h('kbd', { 'aria-hidden': 'true' }, item.key)))));
  return {
    element,
    choose(item: T) {
      const input = inputs[items.indexOf(item)];
      if (input.disabled) return;
      input.checked = true;
      chosen(item);
    },
    /** Takes away what a sample does not have. */
    enable(possible: (item: T) => boolean) {
      items.forEach((item, i) => (inputs[i].disabled = !possible(item)));
    },
  };
}
