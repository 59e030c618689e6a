import { fill, h } from '../shared/dom';
import { apply_theme, theme_toggle } from '../shared/theme';
import '../shared/base.css';
import './viewer.css';
import { get_sample, type SampleInfo } from './api';
import { choices, varying_choices } from './choices';
import { css, legend, modes, type Group } from './overlay';
import { region_list } from './regions';
import { review_form } from './review';
import { layouts, Scene, zooms, type Look, type Place } from './scene';
import { windows_of, type Window } from './windows';

const help: [keys: string[], what: string][] = [
  [['n', '→'], 'next sample'],
  [['p', '←'], 'previous sample'],
  [['a'], 'accept'],
  [['f'], 'fix'],
  [['r'], 'reject'],
  [['c'], 'write a comment'],
  [['1', '2', '3', '0'], 'mask after, before, difference, none'],
  [['o'], 'outline or filled'],
  [['+', '-'], 'opacity of the mask'],
  [['g'], 'next group of labels'],
  [['h'], 'next channel'],
  [['w'], 'next window'],
  [['v'], 'next view'],
  [['z'], 'zoom at the crosshair'],
  [['.', ','], 'next, previous small region'],
  [['↑', '↓'], 'slice up, down (also the mouse wheel)'],
  [['?'], 'this help'],
];

function start() {
  let scene: Scene | null = null;
  let sample: SampleInfo | null = null;
  let loading = 0;
  const look: Look = { channel: null, mode: 'After cleaning', group: null, window: windows_of({ unit: null, window: null })[0], layout: layouts[0], zoom: zooms[0], opacity: 0.5, outline: false };

  const title = h('h1', {});
  const canvas = h('canvas', { id: 'scene', tabindex: '0', 'aria-label': 'Slices with the mask; arrow up and down go through the slices' });
  const state = h('p', { class: 'state', role: 'status' });
  const failed = h('p', { class: 'state bad', role: 'alert' });
  const place = h('output', { class: 'place' });
  const key = h('p', { class: 'key' });
  const previous = h('button', { type: 'button', 'aria-keyshortcuts': 'p', onclick: () => void go(sample?.previous) }, '← Previous ', h('kbd', { 'aria-hidden': 'true' }, 'p'));
  const next = h('button', { type: 'button', 'aria-keyshortcuts': 'n', onclick: () => void go(sample?.next) }, 'Next → ', h('kbd', { 'aria-hidden': 'true' }, 'n'));
  const review = review_form();
  const regions = region_list((region) => {
    // A region of the other mask would not be seen.
    const wanted = modes.find(({ name }) => name === (region.when === 'before' ? 'Before cleaning' : 'After cleaning'))!;
    if (look.mode !== 'Difference' && look.mode !== wanted.name) mask.choose(wanted);
    scene?.jump([region.x, region.y, region.z]);
  });
  const change = (part: Partial<Look>) => {
    Object.assign(look, part);
    show_look();
  };
  const mask = choices('Mask', modes, modes[0], ({ name }) => change({ mode: name }));
  const group_choice = varying_choices<{ name: string; group: Group | null }>('Labels', ({ group }) => change({ group }));
  const channel_choice = varying_choices<{ name: string; channel: string | null }>('Channel', ({ channel }) => void show_channel(channel));
  const window_choice = varying_choices<Window>('Window', (window) => change({ window }));
  const layout = choices('View', layouts, look.layout, (layout) => change({ layout }));
  const zoom = choices('Zoom', zooms, look.zoom, (zoom) => change({ zoom }));
  const opacity = h('input', { type: 'range', min: '0', max: '1', step: '0.05', value: String(look.opacity), oninput: () => change({ opacity: Number(opacity.value) }) });
  const outline = h('input', { type: 'checkbox', onchange: () => change({ outline: outline.checked }) });
  const dialog = h('dialog', { class: 'help', 'aria-labelledby': 'help-title' },
    h('h2', { id: 'help-title' }, 'Keys'),
    h('dl', {}, ...help.flatMap(([keys, what]) => [h('dt', {}, ...keys.map((name) => h('kbd', {}, name))), h('dd', {}, what)])),
    h('button', { type: 'button', onclick: () => dialog.close() }, 'Close'));

  function show_look() {
    scene?.show(look);
    const shown = scene?.has(look.mode) ? look.mode : 'No mask';
    canvas.dataset.shown = shown; // what is drawn now
    fill(key, ...(sample && shown !== 'No mask' ? legend(shown, scene!.labels, look.group) : []).map(({ name, color }) =>
      h('span', {}, h('i', { class: 'swatch', style: `background: ${css(color)}` }), name)),
      sample && shown === 'No mask' && look.mode !== 'No mask' && h('span', {}, `${look.mode}: this sample has no such mask.`));
  }

  // Whole in HU; other scales may be small.
  const shown_value = (value: number) =>
    sample?.unit === 'HU' ? `${Math.round(value)} HU` : `${Number(value.toPrecision(4))} ${sample?.unit ?? ''}`.trim();

  function show_place({ mm, value }: Place) {
    const sides = ['LR', 'PA', 'IS'];
    const told = mm.map((v, i) => `${sides[i][v < 0 ? 0 : 1]} ${Math.abs(v).toFixed(1)}`);
    place.textContent = `${told.join(', ')} mm · ${shown_value(value)}`;
  }

  /** What the reader has chosen stays from one sample to the next. */
  function offer(info: SampleInfo) {
    look.window = window_choice.offer(windows_of(info));
    look.group = group_choice.offer([{ name: 'Each', group: null }, ...info.groups.map((group) => ({ name: group.name, group }))]).group;
    look.channel = channel_choice.offer(info.volumes.map(({ channel }) => ({ name: channel ?? '', channel }))).channel;
  }

  async function show_channel(channel: string | null) {
    look.channel = channel;
    if (!scene || !sample || canvas.dataset.sample !== sample.id || scene.shows(sample, look)) return; // load() does the rest
    const mine = loading;
    const wanted = () => mine === loading;
    state.textContent = `Loading ${channel} …`;
    failed.textContent = '';
    try {
      await scene.show_channel(sample, look, wanted);
    } catch (error) {
      if (wanted()) failed.textContent = (error as Error).message;
    }
    if (wanted()) state.textContent = '';
  }

  async function load(id: string) {
    const mine = ++loading;
    const wanted = () => mine === loading;
    state.textContent = `Loading ${id} …`;
    failed.textContent = '';
    // Nothing of the sample before stays, so that no picture and no verdict is taken for another sample's.
    delete canvas.dataset.sample;
    sample = null;
    title.textContent = id;
    previous.disabled = next.disabled = true;
    review.clear();
    regions.show([]);
    try {
      const info = await get_sample(id);
      if (!wanted()) return;
      sample = info;
      offer(info);
      document.title = `${info.id} – viewer`;
      previous.disabled = info.previous === null;
      next.disabled = info.next === null;
      review.show(info);
      regions.show(info.regions);
      const wrong = (await scene?.load(info, look, wanted)) ?? '';
      if (!wanted()) return;
      failed.textContent = wrong;
      mask.enable(({ name }) => scene?.has(name) ?? false);
      show_look();
      if (scene) canvas.dataset.sample = info.id; // the sample that is drawn
      await show_channel(look.channel); // it may be another one by now
      state.textContent = '';
    } catch (error) {
      if (!wanted()) return;
      state.textContent = '';
      failed.textContent = (error as Error).message;
    }
  }

  async function go(id: string | null | undefined) {
    if (!id || !(await review.leave())) return;
    history.pushState(null, '', `?id=${encodeURIComponent(id)}`);
    await load(id);
  }

  const cycle = <T>(items: readonly T[], now: T) => items[(items.indexOf(now) + 1) % items.length];
  const set_opacity = (by: number) => {
    opacity.value = String(look.opacity + by);
    change({ opacity: Number(opacity.value) });
  };
  const actions: { [key: string]: () => void } = {
    n: () => void go(sample?.next),
    ArrowRight: () => void go(sample?.next),
    p: () => void go(sample?.previous),
    ArrowLeft: () => void go(sample?.previous),
    a: () => void review.choose('accept'),
    f: () => void review.choose('fix'),
    r: () => void review.choose('reject'),
    c: () => review.comment(),
    o: () => {
      outline.checked = !outline.checked;
      change({ outline: outline.checked });
    },
    '+': () => set_opacity(0.1),
    '=': () => set_opacity(0.1),
    '-': () => set_opacity(-0.1),
    g: () => group_choice.next(),
    h: () => channel_choice.next(),
    w: () => window_choice.next(),
    v: () => layout.choose(cycle(layouts, look.layout)),
    z: () => zoom.choose(cycle(zooms, look.zoom)),
    '.': () => regions.step(1),
    ',': () => regions.step(-1),
    ArrowUp: () => scene?.step(0, 0, 1),
    ArrowDown: () => scene?.step(0, 0, -1),
    '?': () => (dialog.open ? dialog.close() : dialog.showModal()),
    ...Object.fromEntries(modes.map((mode) => [mode.key, () => mask.choose(mode)])),
  };

  // Before NiiVue, which has keys of its own on the canvas.
  addEventListener('keydown', (event) => {
    const target = event.target as HTMLElement;
    if (target === canvas && event.key !== 'Tab') event.stopImmediatePropagation();
    if (event.ctrlKey || event.metaKey || event.altKey || (dialog.open && event.key !== '?')) return;
    const typing = target.matches('textarea, input:not([type=radio], [type=checkbox], [type=range])');
    if (typing && event.key === 'Escape') target.blur();
    if (typing || (target.matches('input') && event.key.startsWith('Arrow'))) return;
    const action = actions[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  }, { capture: true });
  addEventListener('popstate', async () => {
    await review.leave();
    await load(new URLSearchParams(location.search).get('id') ?? '');
  });
  addEventListener('beforeunload', (event) => review.changed() && event.preventDefault());

  fill(document.body,
    h('header', { class: 'top' },
      h('a', { href: '/report/index.html#samples' }, 'Report'),
      previous, title, next,
      h('span', { class: 'space' }),
      h('button', { type: 'button', onclick: () => dialog.showModal() }, 'Keys ', h('kbd', { 'aria-hidden': 'true' }, '?')),
      theme_toggle()),
    h('main', {},
      h('div', { class: 'view' },
        h('div', { class: 'tools', role: 'toolbar', 'aria-label': 'View' }, mask.element, group_choice.element, channel_choice.element, window_choice.element, layout.element, zoom.element,
          h('label', { class: 'slider' }, 'Opacity', opacity),
          h('label', { class: 'tick' }, outline, 'Outline ', h('kbd', { 'aria-hidden': 'true' }, 'o'))),
        h('div', { class: 'stage' }, canvas, state, failed),
        h('div', { class: 'foot' }, key, place)),
      h('aside', { 'aria-label': 'Review and regions' }, review.element, regions.element)),
    dialog);

  const id = new URLSearchParams(location.search).get('id');
  if (!id) {
    failed.textContent = 'The address contains no sample. Open a sample from the report.';
    return;
  }
  Scene.on(canvas, show_place)
    .then((made) => (scene = made))
    .catch(() => (failed.textContent = 'This browser cannot show volumes (no WebGL 2); you can still enter a review.'))
    .finally(() => load(id));
}

apply_theme();
start();
