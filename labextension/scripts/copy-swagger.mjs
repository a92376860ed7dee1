// The offline API page of the server needs these two files; they are no part of the lab's bundle.
import { copyFileSync, mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const source = dirname(
  createRequire(import.meta.url).resolve('swagger-ui-dist/package.json')
);
const target = join(root, '..', 'jupyter_agent', 'api', 'static');
mkdirSync(target, { recursive: true });
for (const name of ['swagger-ui-bundle.js', 'swagger-ui.css', 'LICENSE']) {
  copyFileSync(
    join(source, name),
    join(target, name === 'LICENSE' ? 'swagger-ui.LICENSE' : name)
  );
}
