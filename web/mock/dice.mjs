/** A generator of numbers in [0, 1) that gives the same for the same seed (mulberry32). */
export function make_dice(seed) {
  let state = seed >>> 0;
  const uniform = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  const normal = () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
  const whole = (low, high) => low + Math.floor(uniform() * (high - low + 1));
  const pick = (values) => values[whole(0, values.length - 1)];
  return { uniform, normal, whole, pick };
}
