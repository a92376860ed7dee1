/** One bar made of parts, to scale. */

export interface IBarPart {
  key: string;
  value: number;
}

export interface ISegment {
  key: string;
  value: number;
  /** Of the whole, 0 to 1. */
  share: number;
  /** Where it begins and how long it is, of the bar's length. */
  start: number;
  size: number;
}

export interface IBar {
  segments: ISegment[];
  /** Where the end of what there is room for stands in the bar; null where nothing goes over it. */
  limit: number | null;
}

/**
 * Places parts side by side.
 *
 * @param total - what the whole bar stands for; the sum of the parts if left out. Parts that are more than that make
 *   the bar stand for their sum.
 * @param least - how long a part is at least, of the bar's length, so that it can be seen and pressed; what that takes
 *   is taken from the long ones.
 */
export function layoutBar(
  parts: readonly IBarPart[],
  options: { total?: number; least?: number } = {}
): IBar {
  const { least = 0.008 } = options;
  const shown = parts.filter(part => part.value > 0);
  const sum = shown.reduce((total, part) => total + part.value, 0);
  const whole = Math.max(sum, options.total ?? sum);
  if (whole <= 0) {
    return { segments: [], limit: null };
  }
  // More parts than there is room for at that length share what there is.
  const floor = Math.min(least, 1 / shown.length);
  const lacking = shown.reduce(
    (total, part) => total + Math.max(0, floor - part.value / whole),
    0
  );
  const spare =
    1 -
    sum / whole +
    shown.reduce(
      (total, part) => total + Math.max(0, part.value / whole - floor),
      0
    );
  const shrink = spare > 0 ? Math.max(0, 1 - lacking / spare) : 0;
  let start = 0;
  const segments = shown.map(part => {
    const share = part.value / whole;
    const size = share <= floor ? floor : floor + (share - floor) * shrink;
    const segment = { key: part.key, value: part.value, share, start, size };
    start += size;
    return segment;
  });
  const limit =
    options.total !== undefined && options.total < sum
      ? options.total / whole
      : null;
  return { segments, limit };
}
