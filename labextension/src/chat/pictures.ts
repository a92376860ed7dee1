/** Pictures that go with a message: taken from the clipboard or a file, made small enough, and uploaded at once. */
import type { TranslationBundle } from '@jupyterlab/translation';
import { UUID } from '@lumino/coreutils';
import type { AgentClient } from '../api/client';
import type { IImagePart } from '../api/types';
import { MAX_PICTURES, type DraftModel, type IPicture } from './draft';

type MediaType = IImagePart['media_type'];

const TYPES: readonly string[] = [
  'image/png',
  'image/jpeg',
  'image/gif',
  'image/webp'
];
export const MAX_BYTES = 10 * 1024 * 1024;
/** Pixels of the longer side: no provider looks at more. */
export const MAX_SIDE = 2048;

/** The size within the longest side, and whether that is another one. */
export function within(
  width: number,
  height: number,
  longest = MAX_SIDE
): { width: number; height: number; smaller: boolean } {
  const scale = Math.min(1, longest / Math.max(width, height));
  return {
    width: Math.max(1, Math.round(width * scale)),
    height: Math.max(1, Math.round(height * scale)),
    smaller: scale < 1
  };
}

async function draw(
  bitmap: ImageBitmap,
  size: { width: number; height: number },
  type: string
): Promise<Blob> {
  const canvas = new OffscreenCanvas(size.width, size.height);
  const context = canvas.getContext('2d');
  if (!context) {
    throw new Error('no canvas');
  }
  context.imageSmoothingQuality = 'high';
  if (type === 'image/jpeg') {
    context.fillStyle = 'white';
    context.fillRect(0, 0, size.width, size.height);
  }
  context.drawImage(bitmap, 0, 0, size.width, size.height);
  return canvas.convertToBlob({ type, quality: 0.9 });
}

/**
 * The picture as it can be sent: of a type that models read, no longer than 2048 pixels, no more than 10 MB. One that
 * is so already stays as it is, to the byte.
 *
 * @throws where the browser cannot read it.
 */
export async function fitting(file: Blob): Promise<Blob> {
  const bitmap = await createImageBitmap(file);
  try {
    const size = within(bitmap.width, bitmap.height);
    const readable = TYPES.includes(file.type);
    // A moving picture would stand still.
    const moves = file.type === 'image/gif';
    if (readable && file.size <= MAX_BYTES && (!size.smaller || moves)) {
      return file;
    }
    const type =
      file.type === 'image/jpeg' || file.type === 'image/webp'
        ? file.type
        : 'image/png';
    const drawn = await draw(bitmap, size, type);
    return drawn.size <= MAX_BYTES ? drawn : draw(bitmap, size, 'image/jpeg');
  } finally {
    bitmap.close();
  }
}

function base64(blob: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => {
      const url = reader.result as string;
      resolve(url.slice(url.indexOf(',') + 1));
    };
    reader.onerror = () => reject(reader.error ?? new Error('unreadable'));
    reader.readAsDataURL(blob);
  });
}

/** The pictures of a draft: their bytes while they are in this page, and the way to the server. */
export class Pictures {
  constructor(options: {
    client: AgentClient;
    draft: DraftModel;
    trans: TranslationBundle;
  }) {
    this._client = options.client;
    this._draft = options.draft;
    this._trans = options.trans;
  }

  /**
   * Adds pictures and uploads them.
   *
   * @returns what the user has to be told: of those that were not added, why. Null where all were.
   */
  add(files: readonly File[]): string | null {
    const trans = this._trans;
    const pictures = files.filter(file => file.type.startsWith('image/'));
    const room = MAX_PICTURES - this._draft.pictures.length;
    for (const file of pictures.slice(0, Math.max(0, room))) {
      const key = UUID.uuid4();
      this._files.set(key, file);
      this._draft.addPicture({
        key,
        name: file.name || trans.__('picture'),
        mediaType: file.type as MediaType,
        size: file.size,
        state: 'preparing',
        blobId: null,
        error: null
      });
      this._start(key, file);
    }
    if (pictures.length > room) {
      return trans.__('A message takes %1 pictures.', MAX_PICTURES);
    }
    if (pictures.length < files.length) {
      return trans.__(
        'Only pictures can be added here. Put other files into the file browser and attach them with @.'
      );
    }
    return null;
  }

  /** Whether another try to upload it makes sense. */
  canRetry(picture: IPicture): boolean {
    return picture.state === 'failed' && this._files.has(picture.key);
  }

  /** Tries again to upload it. */
  retry(picture: IPicture): void {
    const file = this._files.get(picture.key);
    if (file) {
      this._draft.changePicture(picture.key, {
        state: 'preparing',
        error: null
      });
      this._start(picture.key, file);
    }
  }

  remove(picture: IPicture): void {
    this._forget(picture.key);
    this._draft.removePicture(picture.key);
  }

  /** Resolves when none of these is on its way any more. */
  async settled(pictures: readonly IPicture[]): Promise<void> {
    await Promise.all(
      pictures.flatMap(picture => this._uploads.get(picture.key) ?? [])
    );
  }

  /** They were sent: this page does not need their bytes any more. */
  sent(pictures: readonly IPicture[]): void {
    pictures.forEach(picture => this._forget(picture.key));
  }

  /** Address of the picture for the page; null where it cannot be had. */
  async url(picture: IPicture): Promise<string | null> {
    const known = this._urls.get(picture.key);
    if (known) {
      return known;
    }
    const file =
      this._files.get(picture.key) ??
      (picture.blobId ? await this._client.getBlob(picture.blobId) : null);
    if (!file) {
      return null;
    }
    const url = this._urls.get(picture.key) ?? URL.createObjectURL(file);
    this._urls.set(picture.key, url);
    return url;
  }

  dispose(): void {
    [...this._urls.keys()].forEach(key => this._forget(key));
  }

  private _start(key: string, file: File): void {
    const upload = this._upload(key, file).finally(() =>
      this._uploads.delete(key)
    );
    this._uploads.set(key, upload);
  }

  private async _upload(key: string, file: File): Promise<void> {
    const draft = this._draft;
    let blob: Blob;
    try {
      blob = await fitting(file);
    } catch {
      // Another try would end in the same way.
      this._files.delete(key);
      draft.changePicture(key, {
        state: 'failed',
        error: this._trans.__(
          'This is no picture that can be read. PNG, JPEG, GIF and WebP can.'
        )
      });
      return;
    }
    const mediaType = blob.type as MediaType;
    draft.changePicture(key, {
      state: 'uploading',
      mediaType,
      size: blob.size
    });
    try {
      const stored = await this._client.createBlob({
        media_type: mediaType,
        data: await base64(blob),
        name: file.name
      });
      draft.changePicture(key, { state: 'ready', blobId: stored.id });
    } catch (error) {
      draft.changePicture(key, {
        state: 'failed',
        error: error instanceof Error ? error.message : String(error)
      });
    }
  }

  private _forget(key: string): void {
    const url = this._urls.get(key);
    if (url) {
      URL.revokeObjectURL(url);
    }
    this._urls.delete(key);
    this._files.delete(key);
  }

  private _client: AgentClient;
  private _draft: DraftModel;
  private _files = new Map<string, File>();
  private _trans: TranslationBundle;
  private _uploads = new Map<string, Promise<void>>();
  private _urls = new Map<string, string>();
}
