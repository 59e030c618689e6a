// What is shown stands in the address (`#samples?sort=volume&dir=desc`), so that it can be kept and sent.

export const views = ['overview', 'plots', 'samples', 'problems'] as const;
export type View = (typeof views)[number];

export interface State {
  view: View;
  params: URLSearchParams;
}

export function read_state(): State {
  const [view, query = ''] = location.hash.slice(1).split(/\?(.*)/s);
  return { view: views.find((name) => name === view) ?? 'overview', params: new URLSearchParams(query) };
}

export function link(view: View, params: { [name: string]: string } = {}): string {
  const query = new URLSearchParams(params).toString();
  return `#${view}${query && `?${query}`}`;
}

// The address without the sample that is open over the view.
function address(): string {
  const { view, params } = read_state();
  params.delete('sample');
  return `${view}?${params}`;
}

let on_screen = '';

/** Whether the address asks for another view than the last time, changes by set_param left out. */
export function view_changed(): boolean {
  const before = on_screen;
  on_screen = address();
  return before !== on_screen;
}

/** Changes one parameter of the address in place; empty or null drops it. The caller shows the change. */
export function set_param(name: string, value: string | null): void {
  const { view, params } = read_state();
  if (value) params.set(name, value);
  else params.delete(name);
  history.replaceState(null, '', link(view, Object.fromEntries(params)));
  on_screen = address();
}
