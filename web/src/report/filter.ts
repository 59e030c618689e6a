import { none, type Choice, type Column } from './columns';
import type { Cohort, Sample } from './data';

/** The samples that the address asks for: choices, split (`name:side`), problems, outliers, words to search. */
export function filter_samples(cohort: Cohort, columns: Column[], choices: Choice[], params: URLSearchParams): Sample[] {
  const chosen = choices.map(({ key, of }) => ({ wanted: params.get(key), of })).filter(({ wanted }) => wanted);
  const [, split_name, side] = params.get('split')?.match(/^([^:]*):(.*)$/s) ?? [];
  const split = cohort.splits.find(({ name }) => name === split_name);
  const words = (params.get('q') ?? '').toLowerCase().split(/\s+/).filter(Boolean);
  return cohort.samples.filter((sample) => {
    if (chosen.some(({ wanted, of }) => (of(sample) || none) !== wanted)) return false;
    if (split && split.rows[sample.id] !== side) return false;
    if (params.has('problems') && !cohort.problems_of.has(sample.id)) return false;
    if (params.has('outliers') && !cohort.outliers_of.has(sample.id)) return false;
    if (words.length === 0) return true;
    const text = columns.map((column) => column.text(sample)).join('\n').toLowerCase();
    return words.every((word) => text.includes(word));
  });
}
