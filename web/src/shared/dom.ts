// Elements from code. Text is always set as text, never as HTML: what a hospital's workbook says cannot become markup.

export type Child = Node | string | number | null | undefined | false;
type Properties = { [name: string]: unknown };

/** An element: `on…` properties are listeners, `true` an empty attribute; false, null and undefined are left out. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  properties: Properties = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === false || value === null || value === undefined) continue;
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value as EventListener);
    else element.setAttribute(name, value === true ? '' : String(value));
  }
  element.append(...nodes(children));
  return element;
}

/** Replaces all that is in `parent`. */
export function fill(parent: Element, ...children: Child[]): void {
  parent.replaceChildren(...nodes(children));
}

function nodes(children: Child[]): (Node | string)[] {
  return children
    .filter((child) => child !== null && child !== undefined && child !== false)
    .map((child) => (child instanceof Node ? child : String(child)));
}

/** An <option> list for a <select>; `selected` is the value chosen. */
export function options(values: { value: string; text: string }[], selected: string): HTMLOptionElement[] {
  return values.map(({ value, text }) => h('option', { value, selected: value === selected }, text));
}
