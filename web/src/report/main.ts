import { fill, h } from '../shared/dom';
import { apply_theme, theme_toggle } from '../shared/theme';
import '../shared/base.css';
import './report.css';
import { make_cohort, type Report } from './data';
import { detail_dialog } from './detail';
import { overview } from './overview';
import { plots_view } from './plots/view';
import { problems_view } from './problems';
import { samples_view } from './samples';
import { read_state, view_changed, views, type View } from './state';

const titles: { [view in View]: string } = { overview: 'Overview', plots: 'Plots', samples: 'Samples', problems: 'Problems' };

function start(report: Report) {
  const cohort = make_cohort(report);
  const pages = { overview, plots: plots_view, samples: samples_view, problems: problems_view };
  const links = views.map((view) => h('a', { href: `#${view}` }, titles[view]));
  const main = h('main', { id: 'main', tabindex: '-1' });
  const detail = detail_dialog(cohort);
  fill(document.body,
    h('a', { class: 'skip', href: '#main', onclick: (event: Event) => { event.preventDefault(); main.focus(); } }, 'Skip to the content'),
    h('header', { class: 'top' },
      h('p', { class: 'title' }, h('strong', {}, report.title), h('span', { class: 'muted' }, report.program)),
      h('nav', { 'aria-label': 'Views' }, ...links),
      theme_toggle()),
    main, detail.element);

  // A view is made anew when the address asks for another one, but not when a sample opens over it or closes.
  function show() {
    const { view, params } = read_state();
    if (view_changed()) {
      const same_page = document.body.dataset.view === view;
      fill(main, pages[view](cohort));
      links.forEach((link, i) => (views[i] === view ? link.setAttribute('aria-current', 'page') : link.removeAttribute('aria-current')));
      document.title = `${titles[view]} – ${report.title}`;
      document.body.dataset.view = view;
      if (!same_page) scrollTo(0, 0);
    }
    detail.update(params.get('sample'));
  }
  addEventListener('hashchange', show);
  show();
}

apply_theme();
if (window.nicohort) start(window.nicohort);
else fill(document.body, h('main', { class: 'page' }, h('h1', {}, 'The data are missing'),
  h('p', {}, 'This page needs the file data.js in the same folder. Copy the whole folder of the report, or make the report again.')));
