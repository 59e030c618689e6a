import { h } from '../../shared/dom';
import { patients, type Sample } from '../data';
import { cm3, count, median, short } from '../numbers';

export interface Balance {
  sides: string[];
  side: (sample: Sample) => string;
  value?: { name: string; of: (sample: Sample) => string; order: string[] };
}

/** How many patients and samples each side of a split has, with which values, and how large their masks are. */
export function balance(samples: Sample[], { sides, side, value }: Balance): HTMLElement {
  const by_side = sides.map((name) => samples.filter((sample) => side(sample) === name));
  const has_patients = patients(samples).size > 0;
  const number_of_patients = (members: Sample[]) => count(patients(members).size);
  const number_of_samples = (members: Sample[]) => count(members.length);
  const [of, number] = has_patients ? ['Patients', number_of_patients] as const : ['Samples', number_of_samples] as const;
  const volume = (members: Sample[]) => {
    const volumes = members.flatMap(({ roi }) => (roi && roi.volume_mm3 > 0 ? [cm3(roi.volume_mm3)] : []));
    return volumes.length > 0 ? short(median(volumes)) : '–';
  };
  const rows: [string, (members: Sample[]) => string][] = [
    ...(has_patients ? [['Patients', number_of_patients] as [string, typeof number_of_patients]] : []),
    ['Samples', number_of_samples],
    ...(value?.order ?? []).map((name): [string, (members: Sample[]) => string] =>
      [`${of} with ${value!.name}: ${name}`, (members) => number(members.filter((sample) => value!.of(sample) === name))]),
    ['Mask volume, median (cm³)', volume],
  ];
  return h('div', { class: 'sideways', tabindex: '0', role: 'region', 'aria-label': 'Balance of the sides' },
    h('table', { class: 'numbers' },
      h('thead', {}, h('tr', {}, h('th', { scope: 'col' }, 'Side'), ...sides.map((name) => h('th', { scope: 'col', class: 'number' }, name)))),
      h('tbody', {}, ...rows.map(([name, figure]) =>
        h('tr', {}, h('th', { scope: 'row' }, name), ...by_side.map((members) => h('td', { class: 'number' }, figure(members))))))));
}
