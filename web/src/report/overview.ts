import { h, type Child } from '../shared/dom';
import { column_text, group_by, patients, state_of, states, type Cohort, type Outlier, type Range, type Sample } from './data';
import { kind_explained, kind_title, kinds_by_severity, outlier_kind } from './kinds';
import { cm3, count, decimal, median, number_of, short } from './numbers';
import { link } from './state';
import { outline_legend, thumbnail } from './thumbnail';

const outliers_shown = 6;
const pictures_shown = 6;

/** "TJ 35, XY 24": usable samples by a property, in the order given. */
function tally(names: string[], samples: Sample[], of: (sample: Sample) => string): string {
  const groups = group_by(samples, of);
  return names.map((name) => `${name} ${count(groups.get(name)?.length ?? 0)}`).join(', ');
}

/** How many samples are ready, and what is wrong with the others, the worst first. */
export function verdict(cohort: Cohort): { tone: string; text: string } {
  const { ready, samples, problems } = cohort;
  const sites = new Set(ready.map((sample) => column_text(sample, 'site')).filter(Boolean)).size;
  const are_ready = ready.length === 0 ? 'No sample is ready'
    : number_of(ready.length, 'sample') + (cohort.has_patients ? ` of ${number_of(patients(ready).size, 'patient')}` : '') +
      (sites > 0 ? ` from ${number_of(sites, 'site')}` : '') + ` ${ready.length === 1 ? 'is' : 'are'} ready`;
  const told = { 'not in dataset': ['could not be used', 'could not be used'], 'no mask': ['has no mask', 'have no mask'], 'empty mask': ['has an empty mask', 'have an empty mask'] };
  const wrong = states.filter((state) => state !== 'ready').flatMap((state) => {
    const n = samples.filter((sample) => state_of(sample) === state).length;
    return n > 0 ? [`${number_of(n, 'sample')} ${told[state][n === 1 ? 0 : 1]}`] : [];
  });
  if (problems.length > 0) wrong.push(`${number_of(problems.length, 'problem')} ${problems.length === 1 ? 'needs' : 'need'} a look`);
  return {
    tone: ready.length === 0 ? 'bad' : wrong.length > 0 ? 'warn' : 'good',
    text: `${[are_ready, ...(wrong.length > 0 || ready.length === 0 ? wrong : ['there are no problems'])].join('; ')}.`,
  };
}

function tile(number: string, name: string, sentence: string, href?: string): HTMLElement {
  const inside: Child[] = [h('strong', {}, number), h('h2', {}, name), h('p', {}, sentence)];
  return href ? h('a', { class: 'tile', href }, ...inside) : h('div', { class: 'tile' }, ...inside);
}

function tiles(cohort: Cohort): HTMLElement {
  const { ready, samples, sites, phases, groups, problems, outliers } = cohort;
  const phase = (sample: Sample) => column_text(sample, 'phase');
  const by_patient = patients(ready);
  const complete = [...by_patient.values()].filter((group) => new Set(group.map(phase).filter(Boolean)).size >= phases.length);
  const with_samples = sites.filter((site) => ready.some((sample) => cohort.group(sample) === site));
  const scan = cohort.unit === 'HU' ? 'CT scan' : 'scan';
  const others = samples.length - ready.length;
  const with_outliers = cohort.outliers_of.size;
  const concerned = cohort.problems_of.size;
  return h('section', { class: 'tiles', 'aria-label': 'The dataset in numbers' },
    tile(count(ready.length), ready.length === 1 ? 'sample' : 'samples',
      `Each is a ${scan} with its mask${ready.every((sample) => sample.expects_mask) ? '' : ', where one is expected'}; ` +
        `${others ? `${count(others)} more ${others === 1 ? 'is' : 'are'} not ready` : 'none was left out'}.`,
      link('samples')),
    cohort.has_patients && tile(count(by_patient.size), by_patient.size === 1 ? 'patient' : 'patients',
      by_patient.size ? `${(ready.length / by_patient.size).toFixed(1)} samples each on average.` : 'No patient has a sample that is ready.'),
    sites.length > 0 && tile(count(with_samples.length), with_samples.length === 1 ? 'site' : 'sites',
      `Samples: ${tally(groups, ready, cohort.group)}.`, link('plots')),
    phases.length > 0 && tile(count(phases.length), phases.length === 1 ? 'phase' : 'phases', `Samples: ${tally(phases, ready, phase)}.`),
    phases.length > 0 && cohort.has_patients && tile(count(complete.length), 'complete',
      `Patients with a sample in every phase (${phases.join(', ')}); ${count(by_patient.size - complete.length)} are incomplete.`),
    tile(count(problems.length), problems.length === 1 ? 'problem' : 'problems',
      problems.length ? `Each is listed with what to do about it${concerned ? `; ${number_of(concerned, 'sample')} affected` : ''}.` : 'Every file could be used as it is.',
      link('problems')),
    tile(count(outliers.length), outliers.length === 1 ? 'outlier' : 'outliers',
      outliers.length ? `In ${number_of(with_outliers, 'sample')}. Outliers are not left out of the dataset.` : 'No sample differs much from the others.',
      link('samples', { outliers: '1' })),
  );
}

function problem_kinds(cohort: Cohort): HTMLElement {
  const kinds = kinds_by_severity(cohort, cohort.problems);
  const most = Math.max(...kinds.map(([, group]) => group.length));
  return h('section', { class: 'card' },
    h('h2', {}, 'Problems by kind'),
    kinds.length === 0
      ? h('p', { class: 'muted' }, 'There are no problems.')
      : h('ul', { class: 'kinds' },
          ...kinds.map(([kind, group]) =>
            h('li', {},
              h('a', { href: link('problems', { kind }) }, kind_title(kind)),
              h('span', { class: 'number' }, count(group.length)),
              h('span', { class: 'bar', 'aria-hidden': 'true' }, h('i', { style: `width: ${(100 * group.length) / most}%` })),
              h('p', {}, kind_explained(kind)),
            ),
          ),
        ),
  );
}

function outlier_cards(cohort: Cohort): HTMLElement {
  const by_kind = group_by(cohort.outliers, (outlier) => outlier.kind);
  const kinds = [...by_kind].map(([kind, group]) => `${kind_title(outlier_kind(kind))} ${count(group.length)}`);
  // Empty masks first, of which nothing can be learned; then the rarest kinds: many of one kind would hide them.
  const rank = (outliers: Outlier[]) => Math.min(...outliers.map(({ kind }) => (kind === 'empty' ? 0 : by_kind.get(kind)!.length)));
  const groups = [...cohort.outliers_of].sort((a, b) => rank(a[1]) - rank(b[1]));
  return h('section', { class: 'card' },
    h('h2', {}, 'Outliers'),
    groups.length === 0
      ? h('p', { class: 'muted' }, 'No sample differs much from the others.')
      : h('p', { class: 'muted' }, `${kinds.join(', ')}.`),
    groups.length > 0 && h('ul', { class: 'outliers' },
      ...groups.slice(0, outliers_shown).map(([id, outliers]) => {
        const sample = cohort.by_id.get(id);
        return h('li', {},
          sample && h('a', { href: link('overview', { sample: id }), tabindex: '-1', 'aria-hidden': 'true' }, thumbnail(sample, '')),
          h('div', {},
            h('a', { href: link('overview', { sample: id }) }, id),
            ...[...group_by(outliers, (outlier) => outlier.kind)].map(([kind, [outlier, ...more]]) =>
              h('p', {}, h('b', { class: 'tag warn' }, outlier_kind(kind)), ' ', outlier.what, more.length > 0 && ` And ${count(more.length)} more.`)),
          ),
        );
      })),
    groups.length > outliers_shown && h('p', {}, h('a', { href: link('samples', { outliers: '1' }) }, `All ${number_of(groups.length, 'sample')} in the table`)),
  );
}

/** In how many samples the labels and groups are, and how large; nothing where there is one label only. */
function label_card(cohort: Cohort): HTMLElement | null {
  const { foreground, label_groups: groups, written } = cohort;
  if (foreground.length + groups.length < 2) return null;
  const masks = written.flatMap(({ roi }) => roi ?? []);
  const row = (name: string, volumes: (number | undefined)[]) => {
    const there = volumes.filter((volume) => volume !== undefined && volume > 0) as number[];
    return h('tr', {}, h('th', { scope: 'row' }, name), h('td', { class: 'number' }, count(there.length)),
      h('td', { class: 'number' }, there.length > 0 ? short(cm3(median(there))) : '–'));
  };
  const name = (label: number) => foreground.find((entry) => entry.label === label)?.name ?? String(label);
  return h('section', { class: 'card' },
    h('h2', {}, groups.length > 0 ? 'Labels and groups' : 'Labels'),
    h('p', { class: 'muted' }, `Of ${number_of(masks.length, 'mask')}, after cleaning.`),
    h('div', { class: 'sideways', tabindex: '0', role: 'region', 'aria-label': 'Labels' }, h('table', { class: 'numbers' },
      h('thead', {}, h('tr', {}, h('th', { scope: 'col' }, 'Label'), h('th', { scope: 'col', class: 'number' }, 'samples'), h('th', { scope: 'col', class: 'number' }, 'median, cm³'))),
      h('tbody', {},
        ...foreground.map(({ label, name }) => row(name, masks.map(({ by_label }) => by_label.find((entry) => entry.label === label)?.volume_mm3))),
        ...groups.map((group) => row(`${group.name}: ${group.labels.map(name).join(' + ')}`,
          masks.map(({ by_group }) => by_group.find((entry) => entry.name === group.name)?.volume_mm3)))))));
}

/** What frameworks for training compute of a dataset before they plan. */
function fingerprint_card({ fingerprint, unit }: Cohort): HTMLElement | null {
  if (fingerprint === null) return null;
  const { cases, spacing, size, foreground } = fingerprint;
  const ranges = (of: Range[]) => [
    of.map(({ median }) => decimal(median)).join(' × '),
    of.map(({ min, max }) => (min === max ? decimal(min) : `${decimal(min)}–${decimal(max)}`)).join(' × '),
  ];
  const row = (name: string, cells: string[]) =>
    h('tr', {}, h('th', { scope: 'row' }, name), ...cells.map((cell) => h('td', { class: 'number' }, cell)));
  const table = (label: string, head: string[], rows: HTMLElement[]) =>
    h('div', { class: 'sideways', tabindex: '0', role: 'region', 'aria-label': label }, h('table', { class: 'numbers' },
      h('thead', {}, h('tr', {}, h('td', {}), ...head.map((name) => h('th', { scope: 'col', class: 'number' }, name)))), h('tbody', {}, ...rows)));
  return h('section', { class: 'card' },
    h('h2', {}, 'Fingerprint for training'),
    h('p', { class: 'muted' }, `Of ${number_of(cases, 'sample')} with a mask, after cleaning; each weighs alike.`),
    table('Spacing and size', ['median', 'range'], [row('Spacing, mm', ranges(spacing)), row('Size without empty borders, voxels', ranges(size))]),
    foreground.length > 0 && table('Values within the masks', ['mean', 'SD', 'median', '0.5 %', '99.5 %'],
      foreground.map(({ channel, mean, sd, median, p00_5, p99_5 }) => row(channel ?? (unit === null ? 'Values' : `Values, ${unit}`), [mean, sd, median, p00_5, p99_5].map(short)))));
}

/** Some samples with pictures, evenly over the cohort. */
function gallery(cohort: Cohort): HTMLElement | null {
  const seen = cohort.written.filter((sample) => sample.thumbnail !== null && sample.roi !== null);
  const shown = Math.min(pictures_shown, seen.length);
  if (shown === 0) return null;
  const picked = Array.from({ length: shown }, (_, i) => seen[Math.floor((i * seen.length) / shown)]);
  return h('section', { class: 'card wide' },
    h('h2', {}, 'Examples'),
    outline_legend(cohort),
    h('ul', { class: 'gallery' },
      ...picked.map((sample) =>
        h('li', {}, h('a', { href: link('overview', { sample: sample.id }) },
          thumbnail(sample, ''), h('span', {}, sample.id)))),
    ),
    h('p', {}, h('a', { href: link('samples') }, 'All samples in the table')),
  );
}

export function overview(cohort: Cohort): HTMLElement {
  const { tone, text } = verdict(cohort);
  return h('div', { class: 'page' },
    h('h1', { class: `verdict ${tone}` }, text),
    tiles(cohort),
    h('div', { class: 'columns' }, gallery(cohort), problem_kinds(cohort), outlier_cards(cohort), label_card(cohort), fingerprint_card(cohort)),
  );
}
