// @vitest-environment jsdom
import { describe, expect, it } from 'vitest';
import { OwnOriginSanitizer } from '../sanitizer';

const sanitizer = new OwnOriginSanitizer({ sanitize: dirty => dirty });

describe('OwnOriginSanitizer', () => {
  it('puts a link where a picture would be loaded from elsewhere', () => {
    const html = sanitizer.sanitize(
      '<p>a <img src="https://evil.example/x.png?q=secret" alt="chart"> b</p>'
    );
    expect(html).not.toContain('<img');
    expect(html).toContain('href="https://evil.example/x.png?q=secret"');
    expect(html).toContain('>chart</a>');
  });

  it('knows addresses without a protocol, other elements and srcset', () => {
    for (const dirty of [
      '<img src="//evil.example/x.png">',
      '<video poster="https://evil.example/x.png"></video>',
      '<img src="files/a.png" srcset="https://evil.example/x.png 2x">'
    ]) {
      expect(sanitizer.sanitize(dirty)).toMatch(/^<a /);
    }
  });

  it('leaves what is here', () => {
    for (const html of [
      '<img src="files/a.png">',
      '<img src="data:image/png;base64,AAAA">',
      '<a href="https://example.org/">a link</a>'
    ]) {
      expect(sanitizer.sanitize(html)).toBe(html);
    }
  });
});
