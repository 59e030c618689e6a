// Numbers as people read them, and the few statistics that the plots need.

const whole = new Intl.NumberFormat('en-GB');
const two = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 2 });
const three = new Intl.NumberFormat('en-GB', { maximumSignificantDigits: 3 });

export const count = (value: number) => whole.format(value);
export const decimal = (value: number) => two.format(value);
export const short = (value: number) => (Math.abs(value) >= 1000 ? whole.format(Math.round(value)) : three.format(value));
export const percent = (share: number) => `${three.format(100 * share)} %`;

/** Volume in cm³ (= ml), as radiologists say it. */
export const cm3 = (mm3: number) => mm3 / 1000;

/** An intensity with its unit, if that is known. */
export const in_unit = (value: string, unit: string | null) => (unit === null ? value : `${value} ${unit}`);

/** A window of values with its unit; null is no limit. */
export const window_text = ([low, high]: [number | null, number | null], unit: string | null) => in_unit(`${low ?? '−∞'} to ${high ?? '∞'}`, unit);

/** A size as recipes write it, `300 mm3`, as people do. */
export const size_text = (size: string) => size.replace(/mm3$/, 'mm³');

/** "1 sample", "12 samples". */
export function number_of(n: number, noun: string, nouns = `${noun}s`): string {
  return `${count(n)} ${n === 1 ? noun : nouns}`;
}

/** The q-quantile of sorted values, interpolated; NaN of none. */
export function quantile(sorted: number[], q: number): number {
  if (sorted.length === 0) return NaN;
  const at = (sorted.length - 1) * q;
  const below = sorted[Math.floor(at)];
  return below + (sorted[Math.ceil(at)] - below) * (at - Math.floor(at));
}

export function sorted(values: number[]): number[] {
  return values.toSorted((a, b) => a - b);
}

export function median(values: number[]): number {
  return quantile(sorted(values), 0.5);
}
