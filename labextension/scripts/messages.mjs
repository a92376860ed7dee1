// Writes locale/jupyterlab_agent.pot: every string that the translation is asked for, and those of the settings.
// With --check nothing is written: it fails where the file is not what would be written. It fails too where words
// would go past the translation: text put together before it is asked for, or plain text and labels in JSX.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const DOMAIN = 'jupyterlab_agent';
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const target = join(root, 'locale', `${DOMAIN}.pot`);

/** Which argument is what, by the name of the method. */
const CALLS = {
  __: { id: 0 },
  gettext: { id: 0 },
  _n: { id: 0, plural: 1 },
  ngettext: { id: 0, plural: 1 },
  _p: { context: 0, id: 1 },
  pgettext: { context: 0, id: 1 },
  _np: { context: 0, id: 1, plural: 2 },
  npgettext: { context: 0, id: 1, plural: 2 }
};

/** What a person reads or hears of an element. */
const SPOKEN = new Set(['alt', 'aria-label', 'label', 'placeholder', 'title']);

/** As jupyterlab_server.translation_utils takes them from a schema. */
const SCHEMA = [
  [/^\/(definitions\/.*\/)?properties\/.*\/(title|description)$/, 'settings'],
  [/^\/(title|description)$/, 'schema'],
  [/^\/jupyter\.lab\.setting-icon-label$/, 'settings'],
  [/^\/jupyter\.lab\.menus\/.*\/label$/, 'menu'],
  [/^\/jupyter\.lab\.toolbars\/.*\/label$/, 'toolbar']
];

const messages = new Map();
const problems = [];

function add({ context = '', id, plural = '' }, place) {
  const key = `${context}\u0004${id}`;
  const known = messages.get(key) ?? { context, id, plural, places: new Set() };
  if (known.plural && plural && known.plural !== plural) {
    problems.push(`${place}: “${id}” has another plural elsewhere`);
  }
  known.plural ||= plural;
  known.places.add(place);
  messages.set(key, known);
}

function files(folder, ending) {
  return readdirSync(folder, { recursive: true })
    .filter(name => ending.test(name) && !name.includes('__tests__'))
    .map(name => join(folder, name))
    .sort();
}

function readSource(path) {
  const name = relative(root, path).split(sep).join('/');
  const source = ts.createSourceFile(
    path,
    readFileSync(path, 'utf8'),
    ts.ScriptTarget.Latest,
    true
  );
  const complain = (node, words) => {
    const { line } = source.getLineAndCharacterOfPosition(node.getStart());
    problems.push(`${name}:${line + 1}: ${words}`);
  };
  const visit = node => {
    if (
      ts.isCallExpression(node) &&
      ts.isPropertyAccessExpression(node.expression)
    ) {
      const call = CALLS[node.expression.name.text];
      if (
        call &&
        /(^|\W|_)trans$/i.test(node.expression.expression.getText())
      ) {
        const message = {};
        for (const [part, at] of Object.entries(call)) {
          const argument = node.arguments[at];
          if (argument && ts.isStringLiteralLike(argument)) {
            message[part] = argument.text;
          } else {
            complain(node, 'what is translated has to be one plain string');
          }
        }
        if (message.id !== undefined) {
          add(message, name);
        }
      }
    } else if (ts.isJsxText(node) && /\p{L}{2}/u.test(node.text)) {
      complain(node, `“${node.text.trim()}” goes past the translation`);
    } else if (
      ts.isJsxAttribute(node) &&
      SPOKEN.has(node.name.getText()) &&
      node.initializer &&
      ts.isStringLiteral(node.initializer) &&
      /\p{L}{2}/u.test(node.initializer.text)
    ) {
      complain(node, `“${node.initializer.text}” goes past the translation`);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
}

function readSchema(path) {
  const name = relative(root, path).split(sep).join('/');
  const visit = (value, at) => {
    for (const [key, item] of Object.entries(value)) {
      const here = `${at}/${key}`;
      if (typeof item === 'string') {
        const rule = SCHEMA.find(([pattern]) => pattern.test(here));
        if (rule) {
          add({ context: rule[1], id: item }, name);
        }
      } else if (Array.isArray(item)) {
        item.forEach((entry, index) => {
          if (entry && typeof entry === 'object') {
            visit(entry, `${here}[${index}]`);
          }
        });
      } else if (item && typeof item === 'object') {
        visit(item, here);
      }
    }
  };
  const schema = JSON.parse(readFileSync(path, 'utf8'));
  if (schema['jupyter.lab.internationalization']?.domain !== DOMAIN) {
    problems.push(`${name}: its domain is not ${DOMAIN}`);
  }
  visit(schema, '');
}

files(join(root, 'src'), /\.tsx?$/).forEach(readSource);
files(join(root, 'schema'), /\.json$/).forEach(readSchema);

const quoted = text => JSON.stringify(text);
const entries = [...messages.values()]
  .sort((a, b) => {
    const [one, other] = [a, b].map(item => `${item.id}\u0004${item.context}`);
    return one < other ? -1 : Number(one > other);
  })
  .map(({ context, id, plural, places }) =>
    [
      ...[...places].sort().map(place => `#: ${place}`),
      ...(context ? [`msgctxt ${quoted(context)}`] : []),
      `msgid ${quoted(id)}`,
      ...(plural
        ? [`msgid_plural ${quoted(plural)}`, 'msgstr[0] ""', 'msgstr[1] ""']
        : ['msgstr ""'])
    ].join('\n')
  );
const header = [
  '# Strings of the lab extension. Generated by `npm run messages`. Do not edit.',
  'msgid ""',
  'msgstr ""',
  ...[
    `Project-Id-Version: ${DOMAIN}`,
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=UTF-8',
    'Content-Transfer-Encoding: 8bit',
    'Plural-Forms: nplurals=2; plural=(n != 1);'
  ].map(line => quoted(`${line}\n`))
].join('\n');
const text = `${[header, ...entries].join('\n\n')}\n`;

if (problems.length > 0) {
  console.error(problems.join('\n'));
  process.exit(1);
}
if (process.argv.includes('--check')) {
  let there = '';
  try {
    there = readFileSync(target, 'utf8');
  } catch (error) {
    if (error.code !== 'ENOENT') {
      throw error;
    }
  }
  if (there !== text) {
    console.error(
      `locale/${DOMAIN}.pot is out of date: run \`npm run messages\`.`
    );
    process.exit(1);
  }
} else {
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, text);
  console.log(`${messages.size} strings`);
}
