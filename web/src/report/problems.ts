import { fill, h, options } from '../shared/dom';
import { group_by, type Cohort, type Problem } from './data';
import { kind_explained, kind_title, kinds_by_severity } from './kinds';
import { count, number_of } from './numbers';
import { problem_text } from './problem_text';
import { link, read_state, set_param } from './state';

const page = 50; // problems of a group that are shown at a time

function problem_item(problem: Problem): HTMLElement {
  return h('li', {},
    h('div', { class: 'subject' },
      h('code', {}, problem.subject),
      problem.sample !== null && problem.sample !== problem.subject &&
        h('span', {}, 'sample ', h('a', { href: sample_link(problem.sample) }, problem.sample)),
      problem.sample !== null && problem.sample === problem.subject &&
        h('a', { href: sample_link(problem.sample), 'aria-label': `Show sample ${problem.sample}` }, 'show'),
    ),
    problem_text(problem.what),
  );
}

function sample_link(id: string): string {
  return link('problems', { ...Object.fromEntries(read_state().params), sample: id });
}

/** The problems of one routine as a list that grows by a button. */
function problem_list(problems: Problem[]): HTMLElement {
  const list = h('ul', { class: 'problem-list' });
  const more = h('button', { type: 'button', onclick: show_more });
  let shown = 0;
  function show_more() {
    const next = problems.slice(shown, shown + page).map(problem_item);
    list.append(...next);
    if (shown > 0) next[0].querySelector('a')?.focus();
    shown += next.length;
    more.hidden = shown >= problems.length;
    more.textContent = `Show ${count(Math.min(page, problems.length - shown))} more of ${count(problems.length - shown)}`;
  }
  show_more();
  return h('div', {}, list, more);
}

export function problems_view(cohort: Cohort): HTMLElement {
  const { params } = read_state();
  const choose = (name: string, label: string, values: string[]) =>
    h('label', {}, label, h('select', { onchange: (event: Event) => changed(name, (event.target as HTMLSelectElement).value) },
      ...options([{ value: '', text: 'all' }, ...values.map((value) => ({ value, text: value }))], params.get(name) ?? '')));
  const status = h('p', { role: 'status', class: 'muted' });
  const list = h('div', { class: 'groups' });

  function changed(name: string, value: string) {
    set_param(name, value);
    show();
  }

  function show() {
    const { params } = read_state();
    const words = (params.get('q') ?? '').toLowerCase().split(/\s+/).filter(Boolean);
    const chosen = cohort.problems.filter((problem) => {
      if (params.get('kind') && problem.kind !== params.get('kind')) return false;
      if (params.get('routine') && problem.routine !== params.get('routine')) return false;
      const text = `${problem.subject} ${problem.what} ${problem.kind} ${problem.routine} ${problem.sample ?? ''}`.toLowerCase();
      return words.every((word) => text.includes(word));
    });
    status.textContent = `${count(chosen.length)} of ${number_of(cohort.problems.length, 'problem')}`;
    const kinds = kinds_by_severity(cohort, chosen);
    fill(list,
      ...kinds.map(([kind, group]) =>
        h('details', { class: 'card', open: true },
          h('summary', {}, h('h2', {}, kind_title(kind)), h('span', { class: 'number' }, count(group.length))),
          h('p', { class: 'muted' }, kind_explained(kind)),
          ...[...group_by(group, (problem) => problem.routine)].flatMap(([routine, part]) => [
            h('h3', {}, 'Found by ', h('code', {}, routine), ` (${count(part.length)})`),
            problem_list(part),
          ]),
        )),
      chosen.length === 0 && h('p', { class: 'empty' }, cohort.problems.length ? 'No problem matches.' : 'There are no problems.'),
    );
  }

  const distinct = (of: (problem: Problem) => string) => [...new Set(cohort.problems.map(of))].sort();
  show();
  return h('div', { class: 'page' },
    h('h1', {}, 'Problems and what to do'),
    h('div', { class: 'toolbar' },
      h('label', {}, 'Search', h('input', {
        type: 'search', value: params.get('q') ?? '', placeholder: 'file, sample or text',
        oninput: (event: Event) => changed('q', (event.target as HTMLInputElement).value),
      })),
      choose('kind', 'Kind', distinct((problem) => problem.kind)),
      choose('routine', 'Found by', distinct((problem) => problem.routine)),
      status,
    ),
    list,
  );
}
