import { fill, h } from '../shared/dom';

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

type Choices<T> = { element: HTMLElement; choose: (item: T) => void };

/** Buttons of items that change from sample to sample; hidden where there are not several. */
export function varying_choices<T extends { name: string }>(label: string, chosen: (item: T) => void) {
  const element = h('div', { hidden: true });
  let items: readonly T[] = [];
  let now: T | undefined;
  let made: Choices<T> | null = null;
  return {
    element,
    /** Gives the one of these that is chosen: by its name that of before, else the first. */
    offer(those: readonly T[]): T {
      items = those;
      now = those.find(({ name }) => name === now?.name) ?? those[0];
      made = choices(label, those, now, (item) => chosen((now = item)));
      fill(element, made.element);
      element.hidden = those.length < 2;
      return now;
    },
    next() {
      if (items.length > 1) made!.choose(items[(items.indexOf(now!) + 1) % items.length]);
    },
  };
}
