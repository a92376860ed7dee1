// Says how much JavaScript and CSS a page loads at start, and what comes later.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const folder = join(root, '..', 'jupyter_agent', 'labextension', 'static');
let total = 0;
for (const name of readdirSync(folder).filter(name => name.endsWith('.js'))) {
  const path = join(folder, name);
  const size = statSync(path).size;
  const packed = gzipSync(readFileSync(path)).length;
  total += size;
  console.log(
    `${name.padEnd(60)} ${(size / 1024).toFixed(1).padStart(8)} KB ${(packed / 1024).toFixed(1).padStart(8)} KB gzip`
  );
}
console.log(`${'all'.padEnd(60)} ${(total / 1024).toFixed(1).padStart(8)} KB`);
