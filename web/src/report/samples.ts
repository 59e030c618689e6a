import { fill, h, options } from '../shared/dom';
import { all_columns, choices, default_columns, none, sort_samples, type Choice, type Column } from './columns';
import { sides_of, type Cohort, type Sample } from './data';
import { filter_samples } from './filter';
import { count, number_of } from './numbers';
import { state_tag } from './state_tag';
import { link, read_state, set_param } from './state';
import { thumbnail } from './thumbnail';
import { virtual_rows } from './virtual_rows';

const row_height = 68;
const picture_width = 196;

/** The samples as the table last showed them: what "next" means in the panel of a sample. */
export let shown_samples: Sample[] = [];

function sample_link(id: string): string {
  return link('samples', { ...Object.fromEntries(read_state().params), sample: id });
}

export function samples_view(cohort: Cohort): HTMLElement {
  const columns = all_columns(cohort);
  const filters = choices(cohort);
  const status = h('p', { role: 'status', class: 'muted' });
  const head = h('tr', { 'aria-rowindex': '1' });
  const widths = h('colgroup');
  const body = h('tbody');
  const table = h('table', { class: 'samples' }, h('caption', { class: 'hidden-text' }, 'Samples'), widths, h('thead', {}, head), body);
  const nothing = h('p', { class: 'empty', hidden: true }, 'No sample matches.');
  const scroller = h('div', { class: 'scroller', tabindex: '0', role: 'region', 'aria-label': 'Table of samples', onkeydown: move }, table, nothing);
  const rows = virtual_rows<Sample>(scroller, body, row_height, make_row);

  function chosen_columns(): Column[] {
    const keys = read_state().params.get('cols')?.split('|') ?? default_columns(filters);
    return columns.filter((column) => column.key === 'id' || keys.includes(column.key));
  }

  function cell(sample: Sample, column: Column): HTMLElement {
    if (column.key === 'id')
      return h('th', { scope: 'row' }, h('a', { href: sample_link(sample.id), class: 'id' }, sample.id), state_tag(sample));
    const value = column.value(sample);
    if (column.key === 'problems' && value)
      return h('td', { class: 'number' }, h('a', {
        href: link('problems', { q: sample.id }), 'aria-label': `${number_of(Number(value), 'problem')} of ${sample.id}`,
      }, h('b', { class: 'tag bad' }, count(Number(value)))));
    if (column.key === 'outliers' && value) {
      const why = cohort.outliers_of.get(sample.id)!.map((outlier) => outlier.what).join('\n');
      return h('td', { class: 'number', title: why }, h('b', { class: 'tag warn' }, count(Number(value))));
    }
    const text = column.text(sample);
    return h('td', { class: column.numeric ? 'number' : null, title: text.length > 14 ? text : null }, text);
  }

  function make_row(sample: Sample, index: number): HTMLTableRowElement {
    return h('tr', { 'aria-rowindex': index + 2, 'data-index': index },
      h('td', {}, h('a', { href: sample_link(sample.id), tabindex: '-1', 'aria-hidden': 'true' }, thumbnail(sample, ''))),
      ...chosen_columns().map((column) => cell(sample, column)));
  }

  function header(column: Column): HTMLElement {
    const { params } = read_state();
    const sorted = (params.get('sort') ?? 'id') === column.key;
    const descending = params.get('dir') === 'desc';
    return h('th', { scope: 'col', class: column.numeric ? 'number' : null, 'aria-sort': sorted ? (descending ? 'descending' : 'ascending') : null },
      h('button', {
        type: 'button',
        title: column.title,
        onclick: () => {
          set_param('sort', column.key);
          set_param('dir', sorted && !descending ? 'desc' : null);
          show();
          head.querySelector<HTMLElement>(`[aria-sort] button`)?.focus();
        },
      }, h('span', {}, column.title), sorted && h('i', { 'aria-hidden': 'true' }, descending ? '▼' : '▲')));
  }

  // Arrow and page keys go from sample to sample.
  function move(event: KeyboardEvent) {
    const page = Math.max(1, Math.floor(scroller.clientHeight / row_height) - 2);
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity }[event.key];
    if (step === undefined || shown_samples.length === 0 || event.ctrlKey || event.metaKey || event.altKey) return;
    const row = (event.target as HTMLElement).closest<HTMLElement>('tr[data-index]');
    if (!row && event.target !== scroller) return;
    event.preventDefault();
    const from = row ? Number(row.dataset.index) : -1;
    const to = Math.max(0, Math.min(shown_samples.length - 1, from + step));
    rows.reveal(to, head.offsetHeight)?.querySelector<HTMLElement>('a.id')?.focus({ preventScroll: true });
  }

  function show() {
    const { params } = read_state();
    const sort = columns.find((column) => column.key === (params.get('sort') ?? 'id')) ?? columns[0];
    shown_samples = sort_samples(filter_samples(cohort, columns, filters, params), sort, params.get('dir') === 'desc');
    const chosen = chosen_columns();
    fill(widths, h('col', { style: `width: ${picture_width}px` }), ...chosen.map(({ width }) => h('col', { style: `width: ${width}px` })));
    fill(head, h('th', { scope: 'col' }, 'Picture'), ...chosen.map(header));
    table.style.minWidth = `${picture_width + chosen.reduce((sum, { width }) => sum + width, 0)}px`;
    table.setAttribute('aria-rowcount', String(shown_samples.length + 1));
    status.textContent = `${count(shown_samples.length)} of ${number_of(cohort.samples.length, 'sample')}`;
    nothing.hidden = shown_samples.length > 0;
    rows.show(shown_samples);
  }

  show();
  return h('div', { class: 'page table-page' },
    h('h1', { class: 'hidden-text' }, 'Samples'),
    toolbar(cohort, columns, filters, chosen_columns, show, status),
    scroller);
}

function toolbar(
  cohort: Cohort, columns: Column[], filters: Choice[], chosen_columns: () => Column[], show: () => void, status: HTMLElement,
): HTMLElement {
  const { params } = read_state();
  const changed = (name: string, value: string | null) => {
    set_param(name, value);
    show();
  };
  const choose = (name: string, label: string, values: { value: string; text: string }[]) =>
    h('label', {}, label, h('select', { name, onchange: (event: Event) => changed(name, (event.target as HTMLSelectElement).value) },
      ...options([{ value: '', text: 'all' }, ...values], params.get(name) ?? '')));
  const tick = (name: string, label: string) =>
    h('label', { class: 'tick' }, h('input', {
      type: 'checkbox', name, checked: params.has(name),
      onchange: (event: Event) => changed(name, (event.target as HTMLInputElement).checked ? '1' : null),
    }), label);
  const filter = ({ key, title, values, of }: Choice) =>
    choose(key, title, [
      ...values.map((value) => ({ value, text: value })),
      ...(cohort.samples.some((sample) => of(sample) === '') ? [{ value: none, text: 'none' }] : []),
    ]);
  const sides = cohort.splits.flatMap((split) =>
    sides_of(split).map((side) => ({ value: `${split.name}:${side}`, text: `${split.name}: ${side}` })));
  return h('div', { class: 'toolbar' },
    h('label', {}, 'Search', h('input', {
      type: 'search', name: 'q', value: params.get('q') ?? '', placeholder: 'sample, patient, metadata',
      oninput: (event: Event) => changed('q', (event.target as HTMLInputElement).value),
    })),
    ...filters.map(filter),
    sides.length > 0 && choose('split', 'Split', sides),
    tick('problems', 'with problems'),
    tick('outliers', 'outliers'),
    column_chooser(columns, chosen_columns, changed),
    status);
}

function column_chooser(columns: Column[], chosen_columns: () => Column[], changed: (name: string, value: string | null) => void): HTMLElement {
  const list = h('div', { class: 'chooser-list' });
  function show() {
    const chosen = new Set(chosen_columns().map(({ key }) => key));
    const groups = [...new Set(columns.map(({ group }) => group))];
    fill(list,
      h('div', {}, ...groups.map((group) => h('fieldset', {}, h('legend', {}, group),
        ...columns.filter((column) => column.group === group && column.key !== 'id').map(({ key, title }) =>
          h('label', { class: 'tick' }, h('input', {
            type: 'checkbox', name: `column ${key}`, checked: chosen.has(key),
            onchange: (event: Event) => {
              if ((event.target as HTMLInputElement).checked) chosen.add(key);
              else chosen.delete(key);
              changed('cols', [...chosen].join('|'));
            },
          }), title))))),
      h('button', { type: 'button', onclick: () => { changed('cols', null); show(); } }, 'Default columns'));
  }
  show();
  const chooser = h('details', {
    class: 'chooser',
    onkeydown: (event: KeyboardEvent) => {
      if (event.key !== 'Escape') return;
      chooser.open = false;
      chooser.querySelector('summary')?.focus();
    },
    onfocusout: (event: FocusEvent) => {
      if (event.relatedTarget instanceof Node && !chooser.contains(event.relatedTarget)) chooser.open = false;
    },
  }, h('summary', {}, 'Columns'), list);
  return chooser;
}
