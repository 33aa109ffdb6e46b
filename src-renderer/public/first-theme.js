/**
 * Before anything is drawn: the theme of the first picture, so that a dark page does not begin white nor a light one
 * dark. `app/theme.ts` takes over as soon as the bundle runs, by the same rule (`app/theme-rule.ts`).
 */
(() => {
  let kept = null;
  try {
    kept = localStorage.getItem('archon.theme');
  } catch {
    // Storage that is shut keeps nothing.
  }
  const isMute = /Linux/.test(navigator.platform) && !/Android/.test(navigator.userAgent);
  const followsSystem = kept === 'system' || (kept !== 'dark' && kept !== 'light' && !isMute);
  const light = kept === 'light' || (followsSystem && matchMedia('(prefers-color-scheme: light)').matches);
  document.documentElement.dataset.theme = light ? 'light' : 'dark';
  document.querySelector('meta[name="color-scheme"]').content = light ? 'light' : 'dark';
})();
