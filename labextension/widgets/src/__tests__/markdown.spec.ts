// @vitest-environment jsdom
import { describe, expect, it } from 'vitest';
import { Growing, render, split } from '../markdown';

function html(source: string): string {
  const box = document.createElement('div');
  box.append(render(source));
  return box.innerHTML;
}

describe('render', () => {
  it('draws what markdown means', () => {
    expect(html('**bold** and `code`')).toContain('<strong>bold</strong>');
    expect(html('| a |\n|---|\n| 1 |')).toContain('<td>1</td>');
  });

  it('gives code a button to copy it', () => {
    const fragment = render('```python\nprint(1)\n```');
    expect(fragment.querySelector('button')?.getAttribute('aria-label')).toBe(
      'Copy code'
    );
    expect(fragment.querySelector('pre')?.textContent).toBe('print(1)\n');
  });

  it.each([
    '<script>alert(1)</script>',
    '<img src=x onerror=alert(1)>',
    '<svg onload=alert(1)>',
    '<iframe src="https://example.org"></iframe>',
    '<form action="https://example.org"><input name=a></form>',
    '<a href="javascript:alert(1)">x</a>',
    '[x](javascript:alert(1))',
    '[x](data:text/html,<script>alert(1)</script>)',
    '<style>* { background: url(https://example.org/?a) }</style>',
    '<div style="background: url(https://example.org/?a)">x</div>',
    '<a href="#" data-commandlinker-command="x">x</a>'
  ])('runs nothing of %s', source => {
    const box = document.createElement('div');
    box.append(render(source));
    expect(box.querySelector('script,iframe,form,input,style,svg')).toBeNull();
    for (const element of box.querySelectorAll('*')) {
      for (const { name, value } of element.attributes) {
        expect(name).not.toMatch(/^on|^style$|^data-/);
        expect(value).not.toMatch(/javascript:|data:text/i);
      }
    }
  });

  it.each([
    '![secret](https://example.org/?text=secret)',
    '<img src="//example.org/a.png" alt="secret">',
    '<img srcset="https://example.org/a.png 2x" alt="secret">',
    '<picture><source srcset="https://example.org/a.png"></picture>',
    '<video poster="https://example.org/a.png" src="https://example.org/v">x</video>',
    '<img src="/agent/v1/sessions" alt="secret">'
  ])('loads nothing of %s', source => {
    const box = document.createElement('div');
    box.append(render(source));
    expect(box.querySelector('img,source,video,[src],[srcset]')).toBeNull();
  });

  it('leaves a link where a picture was, and links say nothing of us', () => {
    const link = render('![a plot](https://example.org/p.png)').querySelector(
      'a'
    );
    expect(link?.href).toBe('https://example.org/p.png');
    expect(link?.textContent).toBe('a plot');
    expect(link?.rel).toBe('noopener noreferrer');
  });

  it('shows a picture that is in the text itself', () => {
    const source = 'data:image/png;base64,iVBORw0KGgo=';
    expect(
      render(`![dot](${source})`).querySelector('img')?.getAttribute('src')
    ).toBe(source);
  });
});

describe('split', () => {
  it.each([
    'one\n\ntwo\n',
    '# head\n\n- a\n- b\n\n```\ncode\n\nmore\n```\n\nend',
    'unfinished ```\ncode',
    '[a][1]\n\n[1]: https://example.org\n',
    '\n\n',
    'tab\there\r\nline'
  ])('keeps all of %j', text => {
    expect(split(text).join('')).toBe(text);
  });
});

describe('Growing', () => {
  it('does not draw again what is finished', () => {
    const growing = new Growing();
    growing.show('first\n\nsec');
    const first = growing.node.children[0]?.firstChild;
    growing.show('first\n\nsecond');
    expect(growing.node.children[0]?.firstChild).toBe(first);
    expect(growing.node.textContent).toContain('second');
  });

  it('takes back what is no longer there', () => {
    const growing = new Growing();
    growing.show('one\n\ntwo');
    growing.show('one');
    expect(growing.node.textContent?.trim()).toBe('one');
  });
});
