// Says how much JavaScript and CSS a page loads at start, and what comes later.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const folder = join(root, '..', 'jupyter_agent', 'labextension', 'static');
// What every page loads; the rest comes when the panel is opened, or when it is asked for. Only a development build has
// names that say so.
const START =
  /^(remoteEntry|style|style_index_js|lib_index_js|lib_api_(socket|sse)_js)\./;
const totals = { start: [0, 0], later: [0, 0] };
const say = (what, size, packed) =>
  console.log(
    `${what.padEnd(72)} ${(size / 1024).toFixed(1).padStart(8)} KB ${(packed / 1024).toFixed(1).padStart(8)} KB gzip`
  );
for (const name of readdirSync(folder).filter(name => name.endsWith('.js'))) {
  const path = join(folder, name);
  const size = statSync(path).size;
  const packed = gzipSync(readFileSync(path)).length;
  const total = totals[START.test(name) ? 'start' : 'later'];
  total[0] += size;
  total[1] += packed;
  say(name, size, packed);
}
if (readdirSync(folder).some(name => name.startsWith('lib_index_js'))) {
  say('at start', ...totals.start);
  say('later', ...totals.later);
}
say('all', ...totals.start.map((bytes, index) => bytes + totals.later[index]));
