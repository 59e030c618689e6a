import { fill, h } from '../shared/dom';
import { put_verdict, type SampleInfo, type Verdict } from './api';

const verdicts = [
  { value: 'accept', text: 'Accept', key: 'a' },
  { value: 'fix', text: 'Fix', key: 'f' },
  { value: 'reject', text: 'Reject', key: 'r' },
] as const;
export type Choice = Verdict['verdict'];

const name_key = 'nicohort.reviewer';

/** The form for a sample's verdict. A choice is saved at once; a comment when it is left, on Enter, and before the next sample. */
export function review_form() {
  let sample: SampleInfo | null = null;
  let saved: Verdict | null = null;
  let choice: Choice | null = null;
  let saving = Promise.resolve(true);

  const reviewer = h('input', { name: 'reviewer', autocomplete: 'name', required: true, value: localStorage.getItem(name_key) ?? '', onchange: () => {
    localStorage.setItem(name_key, reviewer.value.trim());
    void save_changes();
  } });
  const comment = h('textarea', { name: 'comment', rows: '3', onchange: () => void save_changes(), onkeydown: (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || event.shiftKey) return;
    event.preventDefault();
    void save_changes();
  } });
  const buttons = verdicts.map(({ value, text, key }) =>
    h('button', { type: 'button', class: value, 'aria-pressed': 'false', 'aria-keyshortcuts': key, onclick: () => void choose(value) }, text, ' ', h('kbd', { 'aria-hidden': 'true' }, key)));
  const status = h('p', { role: 'status', class: 'saved' });
  const alert = h('p', { role: 'alert', class: 'not-saved' });

  function show_choice() {
    buttons.forEach((button, i) => button.setAttribute('aria-pressed', String(verdicts[i].value === choice)));
  }

  function tell(error = '') {
    alert.textContent = error;
    const when = saved && new Date(saved.time);
    fill(status, saved && !error && h('span', {}, `Saved: ${saved.verdict}, by ${saved.reviewer}, `,
      h('time', { datetime: saved.time }, Number.isNaN(when!.valueOf()) ? saved.time : when!.toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'medium' }))));
    if (sample && !saved && !error) status.textContent = 'Not reviewed yet.';
  }

  function changed(): boolean {
    return choice !== (saved?.verdict ?? null) || comment.value.trim() !== (saved?.comment ?? '');
  }

  async function save(): Promise<boolean> {
    const [of, verdict] = [sample, choice];
    if (!of || !verdict) return true;
    if (!reviewer.value.trim()) {
      tell('Not saved: enter your name first, then choose again.');
      reviewer.focus();
      return false;
    }
    try {
      const answer = await put_verdict(of, { verdict, comment: comment.value.trim(), reviewer: reviewer.value.trim() });
      if (of !== sample) return true;
      saved = answer;
      tell();
      return true;
    } catch (error) {
      if (of === sample) tell((error as Error).message);
      return false;
    }
  }

  // One after the other, so that the last choice is what stays.
  function save_next(): Promise<boolean> {
    saving = saving.then(save);
    return saving;
  }

  async function save_changes(): Promise<boolean> {
    if (choice === null && comment.value.trim() !== '') {
      tell('A comment is saved together with a verdict: choose one.');
      return false;
    }
    return changed() && choice !== null ? save_next() : saving;
  }

  async function choose(verdict: Choice): Promise<void> {
    if (!sample) return;
    choice = verdict;
    show_choice();
    await save_next();
  }

  const element = h('form', { class: 'review card', onsubmit: (event: Event) => event.preventDefault() },
    h('h2', {}, 'Review'),
    h('div', { class: 'verdicts', role: 'group', 'aria-label': 'Verdict' }, ...buttons),
    h('label', {}, 'Comment', comment),
    h('label', {}, 'Reviewer', reviewer),
    status, alert);

  return {
    element,
    choose,
    comment: () => comment.focus(),
    changed,
    /** Saves what is not saved yet; false if that failed, or is not possible yet. */
    leave: save_changes,
    /** No sample: nothing can be said. */
    clear() {
      sample = saved = choice = null;
      comment.value = '';
      element.inert = true;
      show_choice();
      tell();
    },
    show(next: SampleInfo) {
      sample = next;
      element.inert = false;
      saved = next.verdict;
      choice = saved?.verdict ?? null;
      comment.value = saved?.comment ?? '';
      show_choice();
      tell();
    },
  };
}
