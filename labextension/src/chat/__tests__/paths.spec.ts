import { describe, expect, it } from 'vitest';
import { shortPaths } from '../paths';

describe('shortPaths', () => {
  it.each([
    [
      'SQLite in /home/someone/.local/share/jupyter/agent can be written.',
      'SQLite in /home/…/agent can be written.'
    ],
    [
      'Ready, from /opt/conda/lib/python3.12/site-packages/model.gguf.',
      'Ready, from /opt/…/model.gguf.'
    ],
    [
      '9.1 GB free at /var/lib/jupyterhub/data/of/everybody/.',
      '9.1 GB free at /var/…/everybody/.'
    ],
    [
      'In C:\\Users\\somebody\\AppData\\Roaming\\jupyter.',
      'In C:\\Users\\…\\jupyter.'
    ]
  ])('%s', (text, short) => {
    expect(shortPaths(text)).toBe(short);
  });

  it.each([
    'Found: python3.',
    'In /home/me/agent.',
    'Either 1/2 or and/or both/of/them/is/what/we/have/here',
    'See https://example.org/a/very/long/address/of/a/page.html'
  ])('leaves alone: %s', text => {
    expect(shortPaths(text)).toBe(text);
  });
});
