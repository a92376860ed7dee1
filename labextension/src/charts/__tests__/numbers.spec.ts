import { describe, expect, it } from 'vitest';
import { addMoney, compareMoney, formatExact, parseMoney } from '../money';
import { localeOf, numbersIn } from '../numbers';
import { sorted } from '../sorting';
import { bucketsBetween, dayOf, dayStart, nextOf, startOf } from '../zones';

const HOUR = 3_600_000;
const iso = (time: number): string => new Date(time).toISOString();

describe('money', () => {
  it('is summed exactly', () => {
    expect(0.1 + 0.2).not.toBe(0.3);
    expect(addMoney(['0.1', '0.2', null])).toBe('0.30');
    expect(addMoney(Array.from({ length: 1000 }, () => '0.000000000001'))).toBe(
      '0.000000001'
    );
    expect(addMoney([])).toBe('0.00');
  });

  it('reads what a decimal number may look like', () => {
    expect(formatExact(parseMoney('1E-7'))).toBe('0.0000001');
    expect(formatExact(parseMoney('-12.340'))).toBe('-12.34');
    expect(formatExact(parseMoney('1.5e3'))).toBe('1500.00');
    expect(() => parseMoney('12,50')).toThrow(SyntaxError);
    expect(() => parseMoney('')).toThrow(SyntaxError);
  });

  it('is compared as numbers, not as text', () => {
    expect(compareMoney('9', '10')).toBe(-1);
    expect(compareMoney('1.0', '1')).toBe(0);
    expect(compareMoney('0.00000002', '0.00000001')).toBe(1);
  });
});

describe('numbers in a language', () => {
  const english = numbersIn('en_US');
  const german = numbersIn('de_DE');

  it('has as many digits as say something', () => {
    expect(english.money('1234.5')).toBe('$1,234.50');
    expect(english.money('0')).toBe('$0.00');
    expect(english.money('0.5')).toBe('$0.50');
    expect(english.money('0.00421')).toBe('$0.0042');
    expect(english.money('0.0000012')).toBe('$0.0000012');
    expect(english.exact('0.123456789012')).toBe('$0.123456789012');
  });

  it('is written as in the language', () => {
    expect(german.money('1234.5').replace(/\s/g, ' ')).toBe('1.234,50 $');
    expect(german.count(1_234_567)).toBe('1.234.567');
    expect(english.compact(12_345)).toBe('12.3K');
    expect(english.change(0.123)).toBe('+12%');
    expect(english.change(-0.5)).toBe('-50%');
  });

  it('takes the browser for what is no language', () => {
    expect(localeOf('default')).toBeUndefined();
    expect(localeOf('!!')).toBeUndefined();
    expect(localeOf('zh_CN')).toBe('zh-CN');
    expect(numbersIn('!!').count(1)).toBe('1');
  });

  it('shows a moment in the zone it is asked for', () => {
    const time = Date.parse('2026-03-01T23:30:00Z');
    expect(english.tick(time, 'day', 'Asia/Tokyo')).toBe('Mar 2');
    expect(english.tick(time, 'day', 'America/New_York')).toBe('Mar 1');
    // A zone that no browser knows.
    expect(english.tick(time, 'day', 'Mars/Olympus')).toBe('Mar 1');
  });
});

describe('days of a zone', () => {
  it('begin at its midnight', () => {
    const time = Date.parse('2026-11-22T10:00:00Z');
    expect(iso(startOf('day', time, 'Asia/Tokyo'))).toBe(
      '2026-11-21T15:00:00.000Z'
    );
    expect(iso(startOf('day', time, 'Asia/Kathmandu'))).toBe(
      '2026-11-21T18:15:00.000Z'
    );
    expect(iso(startOf('week', time, 'UTC'))).toBe('2026-11-16T00:00:00.000Z');
    expect(iso(startOf('month', time, 'UTC'))).toBe('2026-11-01T00:00:00.000Z');
  });

  it('are found by their date, and the other way round', () => {
    for (const zone of ['Asia/Tokyo', 'America/New_York', 'UTC+05:30']) {
      expect(dayOf(dayStart('2026-11-22', zone), zone)).toBe('2026-11-22');
    }
    expect(iso(dayStart('2026-11-22', 'UTC+05:30'))).toBe(
      '2026-11-21T18:30:00.000Z'
    );
    expect(dayStart('', 'UTC')).toBeNaN();
  });

  it('have 23 or 25 hours when the clocks are changed', () => {
    const zone = 'Europe/Berlin';
    const spring = startOf('day', Date.parse('2026-03-29T10:00:00Z'), zone);
    const autumn = startOf('day', Date.parse('2026-10-25T10:00:00Z'), zone);
    expect(nextOf('day', spring, zone) - spring).toBe(23 * HOUR);
    expect(nextOf('day', autumn, zone) - autumn).toBe(25 * HOUR);
  });

  it('begin later where there is no midnight', () => {
    // In Beirut the clocks go from 0:00 to 1:00.
    const zone = 'Asia/Beirut';
    const start = startOf('day', Date.parse('2026-03-29T10:00:00Z'), zone);
    expect(iso(start)).toBe('2026-03-28T22:00:00.000Z');
    expect(iso(nextOf('day', start, zone))).toBe('2026-03-29T21:00:00.000Z');
  });

  it('cover a span without a gap', () => {
    const from = Date.parse('2026-03-27T12:00:00Z');
    const to = Date.parse('2026-03-31T12:00:00Z');
    const days = bucketsBetween('day', from, to, 'Europe/Berlin');
    expect(days).toHaveLength(5);
    expect(days[0]).toBeLessThanOrEqual(from);
    expect(bucketsBetween('month', from, to, 'UTC')).toHaveLength(1);
    expect(bucketsBetween('hour', from, from + 2 * HOUR, 'UTC')).toHaveLength(
      2
    );
    // The hours of the night that has one twice.
    const night = Date.parse('2026-10-25T00:00:00Z');
    expect(
      bucketsBetween('hour', night, night + 3 * HOUR, 'Europe/Berlin')
    ).toEqual([night, night + HOUR, night + 2 * HOUR]);
  });
});

describe('rows in an order', () => {
  const rows = [{ n: 2 }, { n: null }, { n: 10 }, { n: 1 }];

  it('have those without a value last, either way', () => {
    expect(sorted(rows, row => row.n, false).map(row => row.n)).toEqual([
      1,
      2,
      10,
      null
    ]);
    expect(sorted(rows, row => row.n, true).map(row => row.n)).toEqual([
      10,
      2,
      1,
      null
    ]);
  });

  it('puts names with numbers as one counts', () => {
    const names = ['day 10', 'day 9', 'Day 1'];
    expect(sorted(names, name => name, false)).toEqual([
      'Day 1',
      'day 9',
      'day 10'
    ]);
  });
});
