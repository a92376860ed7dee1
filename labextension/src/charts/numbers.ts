/** Numbers, money and times as somebody reads them in their language. */
import { fixedOffset, knowsZone, type Unit } from './zones';

export interface INumbers {
  /** `1,234` */
  count: (value: number) => string;
  /** `1.2k` */
  compact: (value: number) => string;
  /** `12.5 %` of 0.125; `digits` after the point at the most. */
  percent: (value: number, digits?: number) => string;
  /** `+12 %`, `-3 %` */
  change: (value: number) => string;
  decimal: (value: number, digits?: number) => string;
  /** `$0.0042`: cents, and under a dollar as many digits more as say something. */
  money: (value: string | number) => string;
  /** All digits that there are. */
  exact: (value: string) => string;
  /** A moment on an axis. */
  tick: (time: number, unit: Unit, zone: string) => string;
  /** An hour, day, week or month. */
  span: (time: number, unit: Unit, zone: string) => string;
  /** A moment, to the minute. */
  moment: (time: number | string, zone?: string) => string;
}

const CURRENCY: Intl.NumberFormatOptions = {
  style: 'currency',
  currency: 'USD',
  currencyDisplay: 'narrowSymbol'
};

/** The language for Intl that JupyterLab's name of one stands for; undefined is the browser's own. */
export function localeOf(language: string | undefined): string | undefined {
  if (!language || language === 'default') {
    return undefined;
  }
  try {
    return Intl.getCanonicalLocales(language.replace(/_/g, '-'))[0];
  } catch {
    return undefined;
  }
}

/**
 * @param language - as JupyterLab names it, such as `de_DE`; the browser's if left out, or where JupyterLab shows its
 *   own English.
 */
export function numbersIn(language?: string): INumbers {
  const locale = localeOf(language);
  const numbers = new Map<string, Intl.NumberFormat>();
  const number = (options: Intl.NumberFormatOptions): Intl.NumberFormat => {
    const key = JSON.stringify(options);
    let found = numbers.get(key);
    if (!found) {
      found = new Intl.NumberFormat(locale, options);
      numbers.set(key, found);
    }
    return found;
  };
  const dates = new Map<string, Intl.DateTimeFormat>();
  const date = (
    time: number,
    options: Intl.DateTimeFormatOptions,
    zone?: string
  ): string => {
    const offset = zone === undefined ? null : fixedOffset(zone);
    const known =
      zone === undefined
        ? undefined
        : offset === null && knowsZone(zone)
          ? zone
          : 'UTC';
    const key = JSON.stringify([options, known]);
    let found = dates.get(key);
    if (!found) {
      found = new Intl.DateTimeFormat(locale, { ...options, timeZone: known });
      dates.set(key, found);
    }
    return found.format(time + (offset ?? 0));
  };
  const money = (value: string | number): string => {
    const amount = Number(value);
    const size = Math.abs(amount);
    if (size === 0 || size >= 1) {
      return number({ ...CURRENCY }).format(amount);
    }
    if (size < 0.00005) {
      return number({ ...CURRENCY, maximumSignificantDigits: 2 }).format(
        amount
      );
    }
    return number({
      ...CURRENCY,
      minimumFractionDigits: 2,
      maximumFractionDigits: 4
    }).format(amount);
  };
  return {
    count: value => number({}).format(value),
    compact: value =>
      number({ notation: 'compact', maximumFractionDigits: 1 }).format(value),
    percent: (value, digits = 0) =>
      number({ style: 'percent', maximumFractionDigits: digits }).format(value),
    change: value =>
      number({
        style: 'percent',
        maximumFractionDigits: 0,
        signDisplay: 'exceptZero'
      }).format(value),
    decimal: (value, digits = 1) =>
      number({ maximumFractionDigits: digits }).format(value),
    money,
    exact: value =>
      number({
        ...CURRENCY,
        minimumFractionDigits: 2,
        maximumFractionDigits: 18
        // A decimal number in text is formatted digit by digit; the library's types lag behind.
      }).format(value as unknown as number),
    tick: (time, unit, zone) =>
      date(
        time,
        unit === 'hour'
          ? { hour: 'numeric', minute: '2-digit' }
          : unit === 'month'
            ? { month: 'short', year: '2-digit' }
            : { month: 'short', day: 'numeric' },
        zone
      ),
    span: (time, unit, zone) =>
      date(
        time,
        unit === 'hour'
          ? {
              weekday: 'short',
              month: 'short',
              day: 'numeric',
              hour: 'numeric',
              minute: '2-digit'
            }
          : unit === 'month'
            ? { month: 'long', year: 'numeric' }
            : {
                weekday: unit === 'day' ? 'short' : undefined,
                year: 'numeric',
                month: 'short',
                day: 'numeric'
              },
        zone
      ),
    moment: (time, zone) =>
      date(
        new Date(time).getTime(),
        { dateStyle: 'medium', timeStyle: 'short' },
        zone
      )
  };
}
