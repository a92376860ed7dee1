// Writes src/api/schema.ts from docs/openapi.json, which the server's route table gives.
// With --check nothing is written: it fails where the file is not what would be written.
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import openapiTS, { astToString } from 'openapi-typescript';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const source = join(dirname(root), 'docs', 'openapi.json');
const target = join(root, 'src', 'api', 'schema.ts');
const document = JSON.parse(readFileSync(source, 'utf8'));
// A field with a default is always there in an answer; a request may leave it out.
const types = astToString(
  await openapiTS(document, { defaultNonNullable: false })
);
const text = `// Generated from docs/openapi.json by \`npm run generate\`. Do not edit.\n${types}`;
if (process.argv.includes('--check')) {
  if (readFileSync(target, 'utf8') !== text) {
    console.error('src/api/schema.ts is out of date: run `npm run generate`.');
    process.exit(1);
  }
} else {
  writeFileSync(target, text);
}
