import type { ISettingRegistry } from '@jupyterlab/settingregistry';
import { Signal, type ISignal } from '@lumino/signaling';

/** Where the panel is. */
export type Area = 'left' | 'right' | 'main';

/** What the user has set; schema/chat.json says what each is. */
export interface IChatSettings {
  area: Area;
  openAtStart: boolean;
  sendWith: 'enter' | 'accel-enter';
  unfoldThinking: boolean;
  attachCurrentNotebook: boolean;
  announceProgress: boolean;
}

/** The schema's defaults, for an application that has no settings. */
const DEFAULTS: IChatSettings = {
  area: 'right',
  openAtStart: false,
  sendWith: 'enter',
  unfoldThinking: false,
  attachCurrentNotebook: false,
  announceProgress: true
};

/** The chat's settings as they are now. */
export class ChatSettings {
  /** Another object whenever one of them changed. */
  get current(): IChatSettings {
    return this._current;
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Reads them, and follows them from then on. Without them the defaults hold. */
  async load(registry: ISettingRegistry, pluginId: string): Promise<void> {
    try {
      const settings = await registry.load(pluginId);
      const take = (): void => {
        this._current = {
          ...DEFAULTS,
          ...(settings.composite as Partial<IChatSettings>)
        };
        this._changed.emit();
      };
      settings.changed.connect(take, this);
      take();
    } catch (error) {
      console.error('jupyterlab-agent: the settings did not load', error);
    }
  }

  private _changed = new Signal<this, void>(this);
  private _current = DEFAULTS;
}
