/**
 * Prints a document of its own, or has it saved as PDF, through a frame that nobody sees. The document can do nothing: no
 * script of it runs, and it may load no more than the page, whose policy it has.
 */
let shown: HTMLIFrameElement | undefined;

/** @param html a whole document @returns when the system has been asked to print */
export async function printDocument(html: string): Promise<void> {
  // It stays until the next one: some systems read it while their window of printing is open.
  shown?.remove();
  const frame = document.createElement('iframe');
  shown = frame;
  frame.setAttribute('sandbox', 'allow-same-origin allow-modals');
  frame.setAttribute('aria-hidden', 'true');
  frame.tabIndex = -1;
  frame.title = 'Report to print';
  // Not hidden: what is not laid out is not printed.
  frame.style.cssText = 'position:fixed;width:0;height:0;border:0;left:-10000px;top:0';
  const loaded = new Promise<void>((resolve, reject) => {
    frame.addEventListener('load', () => resolve());
    frame.addEventListener('error', () => reject(new Error('The report could not be laid out for printing.')));
  });
  frame.srcdoc = html;
  document.body.append(frame);
  await loaded;
  const view = frame.contentWindow;
  if (view === null) throw new Error('The report could not be laid out for printing.');
  view.addEventListener('afterprint', () => {
    frame.remove();
    if (shown === frame) shown = undefined;
  });
  view.focus();
  view.print();
}
