// The notebook's widgets: one ES module each, with all it needs, for anywidget to load in any front end.
import { copyFileSync, mkdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const target = join(root, '..', 'jupyter_agent', 'kernel', 'widgets', 'static');
const production = !process.argv.includes('--development');

mkdirSync(target, { recursive: true });
const names = ['chat', 'sessions', 'turns', 'costs'];
await build({
  entryPoints: names.map(name => join(root, 'widgets', 'src', `${name}.ts`)),
  outdir: target,
  bundle: true,
  format: 'esm',
  target: 'es2022',
  minify: production,
  sourcemap: production ? false : 'inline',
  legalComments: 'linked',
  logLevel: 'warning'
});
await build({
  entryPoints: [join(root, 'widgets', 'style.css')],
  outfile: join(target, 'chat.css'),
  minify: production,
  logLevel: 'warning'
});
copyFileSync(join(target, 'chat.css'), join(target, 'sessions.css'));
for (const name of names) {
  const size = statSync(join(target, `${name}.js`)).size;
  console.log(`widgets: ${name}.js ${(size / 1024).toFixed(1)} KB`);
}
