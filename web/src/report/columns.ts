import { axial, column_text, part_title, state_of, type Attribute, type Cohort, type Sample } from './data';
import { cm3, count, decimal, short } from './numbers';

/** A column of the table of samples. `value` sorts and is searched; `text` is shown. */
export interface Column {
  key: string;
  title: string;
  group: string; // heading in the column chooser
  width: number; // px, at least
  numeric: boolean;
  value: (sample: Sample) => Attribute;
  text: (sample: Sample) => string;
}

export const none = '–'; // where a sample has no value

function words(key: string, title: string, group: string, width: number, value: (sample: Sample) => Attribute): Column {
  const text = (sample: Sample) => {
    const shown = value(sample);
    if (shown === null || shown === '') return none;
    return typeof shown === 'boolean' ? (shown ? 'yes' : 'no') : String(shown);
  };
  return { key, title, group, width, numeric: false, value, text };
}

function number(
  key: string, title: string, group: string, width: number,
  value: (sample: Sample) => number | null | undefined, show: (value: number) => string = short,
): Column {
  const number_or_null = (sample: Sample) => value(sample) ?? null;
  const text = (sample: Sample) => {
    const shown = number_or_null(sample);
    return shown === null ? none : show(shown);
  };
  return { key, title, group, width, numeric: true, value: number_or_null, text };
}

function attribute(cohort: Cohort, name: string): Column {
  const value = (sample: Sample) => sample.attributes[name] ?? null;
  const values = cohort.samples.map(value).filter((v) => v !== null);
  const width = Math.min(220, Math.max(110, 40 + 7 * name.length));
  if (values.length > 0 && values.every((v) => typeof v === 'number'))
    return number(`a:${name}`, name, 'Metadata', width, (sample) => value(sample) as number | null, decimal);
  return words(`a:${name}`, name, 'Metadata', width, value);
}

/** A column of a part, as wide as its values. */
function part(cohort: Cohort, name: string): Column {
  const title = part_title(cohort, name);
  const longest = cohort.samples.reduce((most, sample) => Math.max(most, sample.parts[name].length), title.length);
  return words(`p:${name}`, title, 'Sample', Math.min(210, Math.max(75, 25 + 10 * longest)), (sample) => sample.parts[name]);
}

/** All columns that the table of this cohort can show, but the picture. */
export function all_columns(cohort: Cohort): Column[] {
  const value = cohort.unit ?? 'value';
  return [
    words('id', 'Sample', 'Sample', 210, (s) => s.id),
    ...cohort.parts.map(({ name }) => part(cohort, name)),
    ...(cohort.names_patients ? [words('patient', 'Patient', 'Sample', 130, (s) => s.patient)] : []),
    words('state', 'State', 'Sample', 130, state_of),
    number('problems', 'Problems', 'Sample', 95, (s) => cohort.problems_of.get(s.id)?.length ?? 0, count),
    number('outliers', 'Outliers', 'Sample', 95, (s) => cohort.outliers_of.get(s.id)?.length ?? 0, count),
    number('volume', 'Mask, cm³', 'Mask', 115, (s) => s.roi && cm3(s.roi.volume_mm3)),
    number('voxels', 'Mask, voxels', 'Mask', 125, (s) => s.roi?.voxels, count),
    ...(cohort.foreground.length > 1
      ? cohort.foreground.map(({ label, name }) =>
          number(`l:${label}`, `${name}, cm³`, 'Mask', 130, (s) => s.roi && cm3(s.roi.by_label.find((entry) => entry.label === label)?.volume_mm3 ?? 0)))
      : []),
    ...cohort.label_groups.map(({ name }) =>
      number(`g:${name}`, `${name}, cm³`, 'Mask', 130, (s) => {
        const group = s.roi?.by_group.find((entry) => entry.name === name);
        return group && cm3(group.volume_mm3);
      })),
    number('hu', `Median ${value}`, 'Mask', 105, (s) => s.roi?.intensity?.median),
    number('hu_mean', `Mean ${value}`, 'Mask', 95, (s) => s.roi?.intensity?.mean),
    number('hu_sd', `SD of ${cohort.unit ?? 'values'}`, 'Mask', 95, (s) => s.roi?.intensity?.sd),
    number('inplane', 'In-plane, mm', 'Image', 120, (s) => axial(s)?.in_plane, decimal),
    number('thickness', 'Slice, mm', 'Image', 95, (s) => axial(s)?.thickness, decimal),
    { ...words('size', 'Size, voxels', 'Image', 150, (s) => s.image && s.image.size.reduce((a, b) => a * b)), text: (s) => s.image?.size.join(' × ') ?? none },
    words('orientation', 'Orientation', 'Image', 110, (s) => s.image && s.image.orientation),
    number('thresholded', 'Thresholded', 'Cleaning, voxels', 115, (s) => s.cleaning?.thresholded, count),
    number('removed', 'Removed', 'Cleaning, voxels', 95, (s) => s.cleaning?.removed, count),
    number('filled', 'Filled', 'Cleaning, voxels', 80, (s) => s.cleaning?.filled, count),
    number('relabelled', 'Relabelled', 'Cleaning, voxels', 105, (s) => s.cleaning?.relabelled, count),
    number('regions_before', 'Small regions before', 'Cleaning, voxels', 115, (s) => s.cleaning?.small_regions_before, count),
    number('regions_after', 'Small regions after', 'Cleaning, voxels', 115, (s) => s.cleaning?.small_regions_after, count),
    ...cohort.splits.map((split) => words(`s:${split.name}`, split.name, 'Splits', 120, (s) => split.rows[s.id] ?? null)),
    ...cohort.attribute_columns.map((name) => attribute(cohort, name)),
  ];
}

/** Something that samples can be chosen by: a column with few values. `key` is that of the column. */
export interface Choice {
  key: string;
  title: string;
  values: string[];
  of: (sample: Sample) => string; // empty: the sample has none
}

/** The parts with few values; site and phase also where they are metadata. */
export function choices(cohort: Cohort): Choice[] {
  const of_parts = cohort.parts.flatMap(({ name, choices }): Choice[] =>
    choices === null ? [] : [{ key: `p:${name}`, title: part_title(cohort, name), values: choices, of: (sample) => sample.parts[name] }]);
  const of_metadata = ([['site', 'Site', cohort.sites], ['phase', 'Phase', cohort.phases]] as const)
    .filter(([name, , values]) => values.length > 0 && !cohort.parts.some((part) => part.name === name))
    .map(([name, title, values]): Choice => ({ key: `a:${name}`, title, values, of: (sample) => column_text(sample, name) }));
  return [...of_parts, ...of_metadata];
}

/** What is shown until the reader chooses. */
export function default_columns(choices: Choice[]): string[] {
  const usual = ['id', ...choices.map(({ key }) => key), 'problems', 'outliers', 'volume', 'hu', 'thickness', 'size'];
  return innerWidth < 1700 ? usual : [...usual, 'inplane', 'thresholded', 'removed', 'filled'];
}

/** Sorts by a column, empty values last in both directions; ties stay in the order they had. */
export function sort_samples(samples: Sample[], column: Column, descending: boolean): Sample[] {
  const collator = new Intl.Collator('en', { numeric: true });
  return samples.toSorted((a, b) => {
    const [x, y] = [column.value(a), column.value(b)];
    if (x === null || y === null) return Number(x === null) - Number(y === null);
    const order = typeof x === 'number' && typeof y === 'number' ? x - y : collator.compare(String(x), String(y));
    return descending ? -order : order;
  });
}
