// Writes src/api/schema.ts from the OpenAPI document that the server's route table gives.
// With --check nothing is written: it fails where the file is not what would be written.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import openapiTS, { astToString } from 'openapi-typescript';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const target = join(root, 'src', 'api', 'schema.ts');
const python = process.env.PYTHON ?? 'python';
const document = execFileSync(python, ['-m', 'jupyter_agent.api.openapi'], {
  cwd: dirname(root),
  encoding: 'utf8',
  maxBuffer: 64 * 1024 * 1024
});
const types = astToString(await openapiTS(JSON.parse(document)));
const text = `// Generated from the server's OpenAPI document by \`npm run generate\`. Do not edit.\n${types}`;
if (process.argv.includes('--check')) {
  if (readFileSync(target, 'utf8') !== text) {
    console.error('src/api/schema.ts is out of date: run `npm run generate`.');
    process.exit(1);
  }
} else {
  writeFileSync(target, text);
}
