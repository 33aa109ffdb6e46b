/**
 * Item 7: define a Content Security Policy.
 *
 * The page's is that of a browser, except that it has nowhere to send a form to: its data travels over the bridge.
 */
import { contentPolicy, rendererPolicy } from '../../renderer-content.ts';

export const APP_POLICY = rendererPolicy({ form_action: "'none'" });

/** For the page that is shown when the engine cannot start: one style sheet, no scripts at all. */
export const PROBLEM_POLICY = contentPolicy({
  'default-src': "'none'",
  'style-src': "'self'",
  'base-uri': "'none'",
  'form-action': "'none'",
  'frame-ancestors': "'none'",
});
