import { fill, h, options } from '../../shared/dom';
import { column_text, patients, sides_of, unknown, type Cohort, type Sample } from '../data';
import { cm3, count, number_of } from '../numbers';
import { read_state, set_param } from '../state';
import { balance } from './balance';
import { distribution } from './distribution';
import { shares } from './shares';

const most_values = 8; // of an attribute by which a split can be looked at

const shown = (value: unknown) => (value === null || value === undefined || value === '' ? unknown : typeof value === 'boolean' ? (value ? 'yes' : 'no') : String(value));

const response = (name: string) => /\bpcr\b|pathological complete response/i.test(name);

/** The attributes with few values, the response (pCR) first. */
function attributes(cohort: Cohort): string[] {
  const few = cohort.attribute_columns.filter((name) => {
    const values = new Set(cohort.written.map((sample) => shown(sample.attributes[name])));
    values.delete(unknown);
    return values.size >= (response(name) ? 1 : 2) && values.size <= most_values;
  });
  return [...few.filter(response), ...few.filter((name) => !response(name))];
}

/** All values of an attribute in their order, the unknown last. */
function values_of(cohort: Cohort, attribute: string): string[] {
  const order = new Intl.Collator('en', { numeric: true });
  const values = new Set(cohort.written.map((sample) => shown(sample.attributes[attribute])));
  return [...values].sort((a, b) => Number(a === unknown) - Number(b === unknown) || order.compare(a, b));
}

/** How alike the sides of a split are; split and attribute can be chosen. */
export function splits(cohort: Cohort): HTMLElement {
  if (cohort.splits.length === 0) return h('p', { class: 'muted' }, 'There is no split yet. Make one with make_split.');
  const choices = attributes(cohort);
  const figures = h('div', { class: 'figures four' });
  const table = h('div');
  const sentence = h('p', { class: 'muted', role: 'status' });

  function show() {
    const { params } = read_state();
    const split = cohort.splits.find(({ name }) => name === params.get('split')) ?? cohort.splits[0];
    const attribute = choices.find((name) => name === params.get('by')) ?? choices[0];
    const sides = sides_of(split);
    const members = cohort.written.filter((sample) => sample.id in split.rows);
    const group = (sample: Sample) => split.rows[sample.id];
    const by = (what: string, value: (sample: Sample) => string, order?: string[]) =>
      shares(members, { title: () => `${what} in each subset`, groups: sides, group, value, order });
    const told = (side: string) => {
      const here = members.filter((sample) => group(sample) === side);
      return `${side}: ${number_of(here.length, 'sample')}${cohort.has_patients ? ` of ${number_of(patients(here).size, 'patient')}` : ''}`;
    };
    sentence.textContent = sides.map(told).join('; ') +
      `. ${count(cohort.written.length - members.length)} samples are not in this split.`;
    fill(table, balance(members, { sides, side: group, value: attribute === undefined ? undefined : {
      name: attribute, of: (sample) => shown(sample.attributes[attribute]), order: values_of(cohort, attribute) } }));
    fill(figures,
      attribute !== undefined && by(attribute, (sample) => shown(sample.attributes[attribute]), values_of(cohort, attribute)),
      cohort.sites.length > 0 && by('Site', cohort.group, cohort.groups),
      cohort.phases.length > 0 && by('Phase', (sample) => column_text(sample, 'phase') || unknown, [...cohort.phases, unknown]),
      distribution(members, { name: 'Mask volume', unit: 'cm³', groups: sides, group, value: (s) => s.roi && cm3(s.roi.volume_mm3), where: 'in', log: true }));
  }

  const choose = (name: string, label: string, values: string[], selected: string | undefined) =>
    h('label', {}, label, h('select', {
      name,
      onchange: (event: Event) => {
        set_param(name, (event.target as HTMLSelectElement).value);
        show();
      },
    }, ...options(values.map((value) => ({ value, text: value })), selected ?? '')));
  const { params } = read_state();
  show();
  return h('div', { class: 'splits' },
    h('div', { class: 'toolbar' },
      choose('split', 'Split', cohort.splits.map(({ name }) => name), params.get('split') ?? undefined),
      choices.length > 0 && choose('by', 'Compare by', choices, params.get('by') ?? undefined),
      sentence),
    table,
    figures);
}
