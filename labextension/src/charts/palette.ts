/** How parts of a chart are told apart: a hue and, for those who cannot tell hues apart, a pattern. */

/** Hues that `style/charts.css` has; the last is for what stands for several things, or for nothing. */
export const HUES = 10;
export const REST_HUE = HUES - 1;

/** A pattern that repeats: a path in a square of this many pixels. */
export interface IPattern {
  size: number;
  /** What the path's lines are; empty for none. */
  path: string;
  /** Whether the path is filled, not drawn. */
  filled?: boolean;
}

/** In the order of the hues. */
export const PATTERNS: readonly IPattern[] = [
  { size: 8, path: '' },
  { size: 8, path: 'M-2,2 l4,-4 M0,8 l8,-8 M6,10 l4,-4' },
  { size: 7, path: 'M2,2 h2 v2 h-2 z', filled: true },
  { size: 6, path: 'M0,3 h6' },
  { size: 8, path: 'M-2,6 l4,4 M0,0 l8,8 M6,-2 l4,4' },
  { size: 6, path: 'M3,0 v6' },
  { size: 8, path: 'M0,8 l8,-8 M0,0 l8,8' },
  { size: 8, path: 'M0,4 h8 M4,0 v8' },
  {
    size: 6,
    path: 'M1,1 h1.5 v1.5 h-1.5 z M4,4 h1.5 v1.5 h-1.5 z',
    filled: true
  },
  { size: 10, path: 'M0,10 l10,-10' }
];

/** The hue of the part that stands at this place; parts that there is no hue of its own for share the last. */
export function hueAt(index: number): number {
  return Math.min(Math.max(0, index), REST_HUE);
}
