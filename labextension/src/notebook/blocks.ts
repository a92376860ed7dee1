/** What a block of code in an answer becomes in a notebook or a file. */

export type CellKind = 'code' | 'markdown' | 'raw';

const ALIASES: Readonly<Record<string, string>> = {
  py: 'python',
  py3: 'python',
  python3: 'python',
  ipython: 'python',
  ipython3: 'python',
  jl: 'julia',
  js: 'javascript',
  node: 'javascript',
  ts: 'typescript',
  rb: 'ruby',
  pl: 'perl',
  rs: 'rust',
  cpp: 'c++',
  cc: 'c++',
  md: 'markdown',
  tex: 'latex',
  sh: 'bash',
  shell: 'bash',
  zsh: 'bash',
  console: 'bash',
  'shell-session': 'bash',
  shellsession: 'bash',
  'c++11': 'c++',
  'c++14': 'c++',
  'c++17': 'c++',
  'c++20': 'c++',
  'c++23': 'c++'
};

/** One name for the names that a language has. Empty where there is none. */
export function languageName(name: string | null | undefined): string {
  const small = (name ?? '').trim().toLowerCase();
  return ALIASES[small] ?? small;
}

/** Cell magics of IPython for other languages. */
const MAGICS: Readonly<Record<string, string>> = {
  bash: '%%bash',
  html: '%%html',
  javascript: '%%javascript',
  latex: '%%latex',
  perl: '%%perl',
  ruby: '%%ruby',
  svg: '%%svg'
};

/** Shell commands that do something for the kernel only as a line magic. */
const LINE_MAGICS = new Set(['pip', 'conda', 'mamba', 'cd']);

/** The commands of a terminal session, without its prompts and what was said to them. */
function commandsOf(code: string): string {
  const lines = code.split('\n');
  const prompted = lines.filter(line => /^\s*\$ /.test(line));
  return prompted.length > 0
    ? prompted.map(line => line.replace(/^\s*\$ /, '')).join('\n')
    : code;
}

/** The cell that a block becomes in a notebook whose kernel speaks `kernel`. */
export function asCell(
  code: string,
  language: string | null,
  kernel: string
): { kind: CellKind; source: string } {
  const source = code.replace(/\s+$/, '');
  const name = languageName(language);
  const speaks = languageName(kernel);
  if (name === 'markdown') {
    return { kind: 'markdown', source };
  }
  if (name === 'bash') {
    const commands = commandsOf(source);
    if (speaks === 'bash') {
      return { kind: 'code', source: commands };
    }
    if (speaks === 'python' && !/^[!%]/.test(commands)) {
      if (commands.includes('\n')) {
        return { kind: 'code', source: `%%bash\n${commands}` };
      }
      const first = commands.trim().split(/\s/)[0] ?? '';
      const mark = LINE_MAGICS.has(first) ? '%' : '!';
      return { kind: 'code', source: `${mark}${commands.trim()}` };
    }
    return { kind: 'code', source: commands };
  }
  const magic = MAGICS[name];
  if (magic && speaks === 'python' && !source.startsWith('%%')) {
    return { kind: 'code', source: `${magic}\n${source}` };
  }
  return { kind: 'code', source };
}

/** What is said of a kernel that can be started. */
export interface IKernelChoice {
  name: string;
  displayName: string;
  language: string;
}

/** The kernel that speaks the language: the default one where it does, else the first; null where none does. */
export function kernelFor(
  language: string | null,
  kernels: readonly IKernelChoice[],
  defaultName: string
): IKernelChoice | null {
  const fallback =
    kernels.find(kernel => kernel.name === defaultName) ?? kernels[0] ?? null;
  const wanted = languageName(language);
  if (!wanted || wanted === 'markdown') {
    return fallback;
  }
  const fitting = kernels.filter(
    kernel => languageName(kernel.language) === wanted
  );
  return (
    fitting.find(kernel => kernel.name === defaultName) ??
    fitting[0] ??
    fallback
  );
}
