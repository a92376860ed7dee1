/** Exact sums of money: what comes over the wire are decimal numbers in text. */

/** Digits after the point that are kept; the server sends no more. */
const SCALE = 18;
const UNIT = 10n ** BigInt(SCALE);

/**
 * A decimal number as a whole number of the smallest unit.
 *
 * @throws SyntaxError where it is no decimal number.
 */
export function parseMoney(text: string): bigint {
  const found = /^\s*([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?\s*$/.exec(
    text
  );
  if (!found || !(found[2] || found[3])) {
    throw new SyntaxError(`not an amount of money: ${text}`);
  }
  const [, sign, whole = '', part = '', exponent = '0'] = found;
  const shift = SCALE - part.length + Number(exponent);
  const digits = BigInt(whole + part);
  const value =
    shift >= 0 ? digits * 10n ** BigInt(shift) : digits / 10n ** BigInt(-shift);
  return sign === '-' ? -value : value;
}

/** The shortest decimal number, with two digits after the point at least. */
export function formatExact(value: bigint): string {
  const size = value < 0n ? -value : value;
  const part = (size % UNIT)
    .toString()
    .padStart(SCALE, '0')
    .replace(/0+$/, '')
    .padEnd(2, '0');
  return `${value < 0n ? '-' : ''}${size / UNIT}.${part}`;
}

/** The sum, exactly; null counts as nothing. */
export function addMoney(amounts: Iterable<string | null>): string {
  let sum = 0n;
  for (const amount of amounts) {
    sum += amount === null ? 0n : parseMoney(amount);
  }
  return formatExact(sum);
}

/** Negative where `a` is less. */
export function compareMoney(a: string, b: string): number {
  const difference = parseMoney(a) - parseMoney(b);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}
