import type { IRenderMime } from '@jupyterlab/rendermime';

const LOADS = ['src', 'srcset', 'poster', 'background'];

/** Whether an address leads away from this server. */
function isElsewhere(address: string): boolean {
  try {
    const url = new URL(address, document.baseURI);
    return (
      url.protocol !== 'data:' &&
      url.protocol !== 'blob:' &&
      url.origin !== new URL(document.baseURI).origin
    );
  } catch {
    return true;
  }
}

/**
 * JupyterLab's sanitizer, and nothing is loaded from elsewhere.
 *
 * What a model writes is untrusted: a picture whose address holds what the
 * model has read would carry it out as soon as it is shown. A link stands in
 * its place, which somebody has to follow.
 */
export class OwnOriginSanitizer implements IRenderMime.ISanitizer {
  constructor(private _base: IRenderMime.ISanitizer) {}

  get allowNamedProperties(): boolean {
    return this._base.allowNamedProperties ?? false;
  }

  /** What a model writes runs no command of JupyterLab. */
  readonly allowCommandLinker = false;

  getAutolink(): boolean {
    return this._base.getAutolink?.() ?? true;
  }

  sanitize(dirty: string, options?: IRenderMime.ISanitizerOptions): string {
    // A parsed document that is never shown loads nothing.
    const page = new DOMParser().parseFromString(
      this._base.sanitize(dirty, options),
      'text/html'
    );
    const selector = LOADS.map(name => `[${name}]`).join(',');
    for (const element of page.body.querySelectorAll(selector)) {
      const away = LOADS.map(name => element.getAttribute(name)).find(
        address => address && isElsewhere(address)
      );
      if (away) {
        const link = page.createElement('a');
        link.href = away;
        link.rel = 'noopener noreferrer';
        link.target = '_blank';
        link.textContent = element.getAttribute('alt') || away;
        element.replaceWith(link);
      }
    }
    return page.body.innerHTML;
  }
}
