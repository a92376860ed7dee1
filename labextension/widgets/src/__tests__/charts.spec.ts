// @vitest-environment jsdom
import { describe, expect, it } from 'vitest';
import { stackedBar } from '../charts';
import { element, redraw } from '../dom';

function bar(picks: string[], picked: string | null = null): SVGSVGElement {
  return stackedBar({
    label: 'Context',
    picked,
    pick: key => picks.push(key),
    parts: [
      { key: 'a', label: 'A: 75', value: 75, hue: 0 },
      { key: 'b', label: 'B: 25', value: 25, hue: 1 },
      { key: 'free', label: 'Free', value: 100, hue: 9, empty: true }
    ]
  });
}

describe('stackedBar', () => {
  it('has a button for each part, one of them in the tab order', () => {
    const buttons = [...bar([], 'b').querySelectorAll('[role=button]')];
    expect(buttons.map(one => one.getAttribute('aria-label'))).toEqual([
      'A: 75',
      'B: 25'
    ]);
    expect(buttons.map(one => one.getAttribute('tabindex'))).toEqual([
      '-1',
      '0'
    ]);
    expect(buttons[1]!.getAttribute('aria-pressed')).toBe('true');
  });

  it('goes by arrow keys and picks with Enter', () => {
    const picks: string[] = [];
    const node = bar(picks);
    document.body.append(node);
    const [first, second] = node.querySelectorAll<SVGGElement>('[role=button]');
    const press = (key: string): void => {
      document.activeElement!.dispatchEvent(
        new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true })
      );
    };
    first!.focus();
    press('ArrowRight');
    expect(document.activeElement).toBe(second);
    press('ArrowRight');
    expect(document.activeElement).toBe(first);
    press('End');
    press('Enter');
    expect(picks).toEqual(['b']);
    node.remove();
  });
});

describe('redraw', () => {
  it('keeps focus, what was typed and what is unfolded', () => {
    const box = element('div');
    document.body.append(box);
    const draw = (value: string): void =>
      redraw(
        box,
        element('details', { 'data-key': 'fold' }),
        element('input', { 'data-key': 'text', value })
      );
    draw('');
    box.querySelector('details')!.open = true;
    const input = box.querySelector('input')!;
    input.focus();
    input.value = 'typed';
    draw('from the server');
    expect(box.querySelector('details')!.open).toBe(true);
    expect(document.activeElement).toBe(box.querySelector('input'));
    expect(box.querySelector('input')!.value).toBe('typed');
    box.remove();
  });
});
