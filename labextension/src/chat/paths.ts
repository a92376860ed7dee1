/** How long paths are shown in little room. Pure. */

const PATH = /(?<![\w/\\])(?:[A-Za-z]:)?(?:[\\/][^\s\\/:"'<>|?*]+){2,}[\\/]?/g;

/** A text whose paths of more than `most` characters have their middle left out: where they begin, and their last name. */
export function shortPaths(text: string, most = 28): string {
  return text.replace(PATH, path => {
    // What ends the sentence is none of the path's.
    const end = /[.,;)\]]*$/.exec(path)![0];
    const whole = path.slice(0, path.length - end.length);
    const slash = whole.includes('/') ? '/' : '\\';
    const names = whole.split(slash);
    const last = names.pop() || `${names.pop() ?? ''}${slash}`;
    const short = [...names.slice(0, 2), '…', last].join(slash);
    return whole.length > most && short.length < whole.length
      ? `${short}${end}`
      : path;
  });
}
