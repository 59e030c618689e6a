import { fill, h } from '../shared/dom';
import type { Region } from './api';

const short = new Intl.NumberFormat('en-GB', { maximumSignificantDigits: 3 });
const whole = new Intl.NumberFormat('en-GB');

/** The small regions of a sample; one that is chosen is jumped to. */
export function region_list(jump: (region: Region) => void) {
  let regions: Region[] = [];
  let at = -1;
  const list = h('ol', {});
  const title = h('h2', {}, 'Small regions');
  const note = h('p', { class: 'muted' });

  function go(index: number) {
    if (regions.length === 0) return;
    at = (index + regions.length) % regions.length;
    const buttons = list.querySelectorAll('button');
    buttons.forEach((button, i) => (i === at ? button.setAttribute('aria-current', 'true') : button.removeAttribute('aria-current')));
    buttons[at].scrollIntoView({ block: 'nearest' });
    jump(regions[at]);
  }

  return {
    element: h('section', { class: 'regions card' }, title, note, list),
    /** To the next or previous region. */
    step: (by: number) => go(at < 0 && by < 0 ? regions.length - 1 : at + by),
    show(those: Region[]) {
      regions = those.toSorted((a, b) => b.voxels - a.voxels);
      at = -1;
      title.textContent = `Small regions (${whole.format(regions.length)})`;
      note.textContent = regions.length ? 'The largest first. Click one to go there.' : 'None below the threshold.';
      fill(list, ...regions.map((region, i) =>
        h('li', {}, h('button', { type: 'button', onclick: () => go(i) },
          h('span', {}, region.label === 0 ? `${region.name} (hole)` : region.name, h('small', {}, region.when === 'before' ? ' before cleaning' : ' after cleaning')),
          h('span', {}, `${short.format(region.volume_mm3)} mm³`, h('small', {}, ` ${whole.format(region.voxels)} vx`))))));
    },
  };
}
