import eslint from '@eslint/js';
import jupyter from '@jupyter/eslint-plugin';
import jsoncParser from 'jsonc-eslint-parser';
import jsxA11y from 'eslint-plugin-jsx-a11y';
import reactHooks from 'eslint-plugin-react-hooks';
import globals from 'globals';
import tseslint from 'typescript-eslint';

// Every rule of the plugin, as an error, whatever its own presets choose.
const everyJupyterRule = Object.fromEntries(
  Object.keys(jupyter.rules).map(name => [`jupyter/${name}`, 'error'])
);
const code = ['**/*.ts', '**/*.tsx'];

export default tseslint.config(
  { ignores: ['lib', 'node_modules', 'src/api/schema.ts'] },
  { ...eslint.configs.recommended, files: ['**/*.mjs', ...code] },
  { files: ['**/*.mjs'], languageOptions: { globals: globals.node } },
  {
    files: code,
    extends: [
      ...tseslint.configs.recommendedTypeChecked,
      jsxA11y.flatConfigs.recommended,
      reactHooks.configs.flat['recommended-latest']
    ],
    plugins: { jupyter },
    languageOptions: {
      parserOptions: {
        project: './tsconfig.eslint.json',
        tsconfigRootDir: import.meta.dirname
      }
    },
    rules: {
      ...everyJupyterRule,
      '@typescript-eslint/naming-convention': [
        'error',
        {
          selector: 'interface',
          format: ['PascalCase'],
          custom: { regex: '^I[A-Z]', match: true }
        }
      ],
      '@typescript-eslint/no-unused-vars': ['error', { args: 'none' }],
      // What scrolls is reached by keyboard.
      'jsx-a11y/no-noninteractive-tabindex': [
        'error',
        { roles: ['region'], tags: ['pre'] }
      ],
      curly: ['error', 'all'],
      eqeqeq: 'error',
      'prefer-arrow-callback': ['error', { allowNamedFunctions: true }]
    }
  },
  {
    // A front end that is not JupyterLab has no translations.
    files: ['widgets/**'],
    rules: { 'jupyter/no-untranslated-string': 'off' }
  },
  {
    // What a test makes up is never shown to anybody.
    files: ['**/__tests__/**'],
    rules: { 'jupyter/no-untranslated-string': 'off' }
  },
  {
    files: ['schema/*.json'],
    plugins: { jupyter },
    languageOptions: { parser: jsoncParser },
    rules: { 'jupyter/no-schema-enum': 'error' }
  }
);
