/** Hours, days, weeks and months as they begin in a time zone. */

export type Unit = 'hour' | 'day' | 'week' | 'month';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const formatters = new Map<string, Intl.DateTimeFormat | null>();

/** A zone without a name is called by its offset, `UTC+02:00`, which not every browser takes; null for one with a name. */
export function fixedOffset(zone: string): number | null {
  const found = /^UTC([+-])(\d\d):(\d\d)$/.exec(zone);
  return (
    found &&
    (found[1] === '-' ? -1 : 1) *
      (Number(found[2]) * HOUR + Number(found[3]) * MINUTE)
  );
}

/** Null for a zone that this browser does not know. */
function formatter(zone: string): Intl.DateTimeFormat | null {
  let found = formatters.get(zone);
  if (found === undefined) {
    try {
      found = new Intl.DateTimeFormat('en-US', {
        timeZone: zone,
        hourCycle: 'h23',
        year: 'numeric',
        month: 'numeric',
        day: 'numeric',
        hour: 'numeric',
        minute: 'numeric',
        second: 'numeric'
      });
    } catch {
      found = null;
    }
    formatters.set(zone, found);
  }
  return found;
}

/** Whether times can be shown in it. */
export function knowsZone(zone: string): boolean {
  return fixedOffset(zone) !== null || formatter(zone) !== null;
}

/** What a clock in the zone shows, as if that were UTC; UTC for a zone that is not known. */
function wall(time: number, zone: string): number {
  const offset = fixedOffset(zone);
  if (offset !== null) {
    return time + offset;
  }
  const known = formatter(zone);
  if (!known) {
    return time;
  }
  const parts: Record<string, number> = {};
  for (const { type, value } of known.formatToParts(time)) {
    parts[type] = Number(value);
  }
  return Date.UTC(
    parts.year!,
    parts.month! - 1,
    parts.day,
    parts.hour,
    parts.minute,
    parts.second
  );
}

/** The first moment at which a clock in the zone shows this, or what comes next where it never does. */
function moment(shown: number, zone: string): number {
  // Two offsets may hold around a change of the clocks.
  const candidates = [shown - 24 * HOUR, shown + 24 * HOUR].map(
    around => shown - (wall(around, zone) - around)
  );
  const exact = candidates.filter(time => wall(time, zone) === shown);
  return exact.length > 0 ? Math.min(...exact) : Math.max(...candidates);
}

/** When a day begins: `2026-11-22`. NaN for what is no day. */
export function dayStart(day: string, zone: string): number {
  const shown = Date.parse(`${day}T00:00:00Z`);
  return Number.isNaN(shown) ? NaN : moment(shown, zone);
}

/** The day that this is in: `2026-11-22`. */
export function dayOf(time: number, zone: string): string {
  return new Date(wall(time, zone)).toISOString().slice(0, 10);
}

/** When the hour, day, week (Monday) or month began in which this is. */
export function startOf(unit: Unit, time: number, zone: string): number {
  const whole = Math.floor(time / 1000) * 1000;
  const shown = new Date(wall(whole, zone));
  if (unit === 'hour') {
    // Also in the hour that comes twice.
    return (
      whole - shown.getUTCMinutes() * MINUTE - shown.getUTCSeconds() * 1000
    );
  }
  const day = Date.UTC(
    shown.getUTCFullYear(),
    shown.getUTCMonth(),
    unit === 'month' ? 1 : shown.getUTCDate()
  );
  const back = unit === 'week' ? (shown.getUTCDay() + 6) % 7 : 0;
  return moment(day - back * 24 * HOUR, zone);
}

/** When the next one begins; `start` is the beginning of one. */
export function nextOf(unit: Unit, start: number, zone: string): number {
  if (unit === 'hour') {
    return start + HOUR;
  }
  const shown = new Date(wall(start, zone));
  return moment(
    Date.UTC(
      shown.getUTCFullYear(),
      shown.getUTCMonth() + (unit === 'month' ? 1 : 0),
      unit === 'month' ? 1 : shown.getUTCDate() + (unit === 'week' ? 7 : 1)
    ),
    zone
  );
}

/** All that begin from the one with `from` in it to the one before `to`. */
export function bucketsBetween(
  unit: Unit,
  from: number,
  to: number,
  zone: string
): number[] {
  const found: number[] = [];
  for (
    let at = startOf(unit, from, zone);
    at < to && found.length < 10_000;
    at = nextOf(unit, at, zone)
  ) {
    found.push(at);
  }
  return found;
}
