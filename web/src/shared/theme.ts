import { h } from './dom';

// The reader's choice of light or dark, kept for the next page. Storage may be forbidden to a page opened from disk.
const key = 'nicohort.theme';

function stored(): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

function system_is_dark(): boolean {
  return matchMedia('(prefers-color-scheme: dark)').matches;
}

export function is_dark(): boolean {
  return (document.documentElement.dataset.theme ?? (system_is_dark() ? 'dark' : 'light')) === 'dark';
}

/** Applies the stored theme; the system's decides until the reader has chosen. */
export function apply_theme(): void {
  const theme = stored();
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
}

/** A button between light and dark. `changed` is called after each change. */
export function theme_toggle(changed: () => void = () => {}): HTMLButtonElement {
  const button = h('button', { type: 'button', class: 'theme', onclick: toggle });
  function show() {
    button.textContent = is_dark() ? 'Light' : 'Dark';
    button.setAttribute('aria-label', `Switch to ${is_dark() ? 'light' : 'dark'} colours`);
  }
  function toggle() {
    const theme = is_dark() ? 'light' : 'dark';
    document.documentElement.dataset.theme = theme;
    try {
      localStorage.setItem(key, theme);
    } catch {
      // The choice lasts as long as the page.
    }
    show();
    changed();
  }
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
    show();
    changed();
  });
  show();
  return button;
}
