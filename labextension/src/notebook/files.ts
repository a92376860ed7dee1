/** Files of the server, found by name. */
import { PathExt } from '@jupyterlab/coreutils';
import type { Contents } from '@jupyterlab/services';
import type { IContextSuggestion } from '../tokens';
import { fileRef } from './refs';
import type { Workspace } from './workspace';

/** Suggestions at the most. */
const MOST = 50;

/** Folders that are looked into for one tree, and entries of it, at the most: some servers have millions of files. */
const FOLDERS = 60;
const ENTRIES = 5_000;

/** Folders asked for at one time. */
const AT_ONCE = 4;

/** Milliseconds that a listing is taken for true. */
const FRESH = 5_000;

/** Folders that hold what programs made. */
const SKIPPED = new Set(['node_modules', '__pycache__', 'site-packages']);

interface IEntry {
  path: string;
  folder: boolean;
}

type Listings = Map<
  string,
  { at: number; entries: Promise<readonly IEntry[]> }
>;

const listings = new WeakMap<Workspace, Listings>();

/** Listings that are forgotten when a file comes, goes or moves. */
function follow(work: Workspace): Listings {
  const known: Listings = new Map();
  listings.set(work, known);
  work.contents.fileChanged.connect((_, { type }) => {
    if (type !== 'save') {
      known.clear();
    }
  }, work);
  return known;
}

/** What is in a folder; empty where it cannot be listed, as others of the search can. */
function list(work: Workspace, folder: string): Promise<readonly IEntry[]> {
  const known = listings.get(work) ?? follow(work);
  const before = known.get(folder);
  if (before && Date.now() - before.at < FRESH) {
    return before.entries;
  }
  const entries = work.contents.get(folder, { content: true }).then(
    model =>
      ((model.content ?? []) as Contents.IModel[]).map(entry => ({
        path: entry.path,
        folder: entry.type === 'directory'
      })),
    () => []
  );
  known.set(folder, { at: Date.now(), entries });
  return entries;
}

function hidden(path: string): boolean {
  const name = PathExt.basename(path);
  return name.startsWith('.') || SKIPPED.has(name);
}

/** Files in the folder and below it, those near it first. */
async function walk(work: Workspace, root: string): Promise<string[]> {
  const files: string[] = [];
  const level = [root];
  let looked = 0;
  while (level.length > 0 && looked < FOLDERS && files.length < ENTRIES) {
    const batch = level.splice(0, Math.min(AT_ONCE, FOLDERS - looked));
    looked += batch.length;
    for (const entries of await Promise.all(
      batch.map(folder => list(work, folder))
    )) {
      for (const entry of entries) {
        if (hidden(entry.path)) {
          continue;
        }
        (entry.folder ? level : files).push(entry.path);
      }
    }
  }
  return files;
}

/** How well a path fits: 0 not at all, more is better. */
export function fit(path: string, query: string): number {
  if (!query) {
    return 1;
  }
  const whole = path.toLowerCase();
  const name = PathExt.basename(whole);
  const wanted = query.toLowerCase();
  if (name === wanted) {
    return 6;
  }
  if (name.startsWith(wanted)) {
    return 5;
  }
  if (name.includes(wanted)) {
    return 4;
  }
  if (whole.includes(wanted)) {
    return 3;
  }
  // The letters in their order, as in `dapr` for `data/prices.csv`.
  let from = 0;
  for (const letter of wanted.replace(/\s+/g, '')) {
    from = whole.indexOf(letter, from) + 1;
    if (from === 0) {
      return 0;
    }
  }
  return 2;
}

/** Files for what was typed: open ones, recent ones and those of the folders, the best first. */
export async function findFiles(
  work: Workspace,
  typed: string
): Promise<IContextSuggestion[]> {
  const { contents } = work;
  // A path that was dropped may have its drive.
  const query = contents.localPath(typed);
  const found = new Map<string, { path: string; score: number }>();
  const add = (path: string, score: number): void => {
    // One file may be reached over two drives.
    const key = work.serverPath(path);
    const before = found.get(key);
    if (score > 0 && (!before || before.score < score)) {
      found.set(key, { path: before?.path ?? path, score });
    }
  };
  const open = work.openPaths();
  open.forEach((path, index) => {
    const base = fit(contents.localPath(path), query);
    add(path, base && base + 0.9 - index / 1_000);
  });
  // They are named with their drive, as contents are.
  for (const { path, contentType } of work.options.recents?.recentlyOpened ??
    []) {
    if (contentType !== 'directory') {
      const base = fit(contents.localPath(path), query);
      add(path, base && base + 0.5);
    }
  }
  const slash = typed.lastIndexOf('/');
  const folder = slash > 0 ? typed.slice(0, slash) : '';
  const here = work.options.fileBrowser?.model.path ?? work.folder;
  if (!query) {
    // Only what is near: the whole tree is no answer to no question.
    for (const entry of await list(work, here)) {
      if (!entry.folder && !hidden(entry.path)) {
        add(entry.path, 1);
      }
    }
  } else {
    const roots = new Set(folder ? [folder, here, ''] : [here, '']);
    for (const root of roots) {
      for (const path of await walk(work, root)) {
        add(path, fit(contents.localPath(path), query));
      }
    }
  }
  return [...found.values()]
    .sort(
      (a, b) =>
        b.score - a.score ||
        a.path.length - b.path.length ||
        a.path.localeCompare(b.path)
    )
    .slice(0, MOST)
    .map(({ path }) => ({
      ref: fileRef(work, path),
      icon: iconOf(work, path),
      detail: contents.localPath(work.folderOf(path))
    }));
}

function iconOf(work: Workspace, path: string): IContextSuggestion['icon'] {
  return work.options.docManager?.registry.getFileTypesForPath(path)[0]?.icon;
}
