import React from 'react';
import type { IConversation } from '../model';

export interface IPlaceKeeperProps {
  scroller: React.RefObject<HTMLDivElement>;
  conversation: IConversation;
  /** Id of a message that is to be seen. */
  wanted: string | null;
  /** The end is not to be followed any more. */
  letGo: () => void;
  /** What was wanted is seen, or is not there. */
  onArrived: () => void;
}

/** Where exchanges stood, by their keys and the ids of their messages. */
type Places = Map<string, number>;

/** Where something stands, from the upper edge of what is seen. */
function offsetIn(scroller: Element, node: Element): number {
  return (
    node.getBoundingClientRect().top - scroller.getBoundingClientRect().top
  );
}

function nodeOf(scroller: Element, key: string): Element | null {
  return scroller.querySelector(`[data-key="${CSS.escape(key)}"]`);
}

/**
 * Keeps the place over changes that the reader asked for: what is read stays under the eye when earlier messages come
 * before it, and when another version of it is shown. A message that is wanted is brought into sight.
 *
 * A class: only these learn where things stand just before they change.
 */
export class PlaceKeeper extends React.Component<IPlaceKeeperProps> {
  override getSnapshotBeforeUpdate(before: IPlaceKeeperProps): Places | null {
    const scroller = this.props.scroller.current;
    const { session, exchanges } = before.conversation;
    const now = this.props.conversation;
    const first = exchanges[0];
    if (
      !scroller ||
      !first ||
      (session?.id === now.session?.id && first.key === now.exchanges[0]?.key)
    ) {
      return null;
    }
    const places: Places = new Map();
    for (const exchange of exchanges) {
      if (exchange === first || exchange.versions.length > 1) {
        const node = nodeOf(scroller, exchange.key);
        if (node) {
          const offset = offsetIn(scroller, node);
          places.set(exchange.key, offset);
          if (exchange.messageId) {
            places.set(exchange.messageId, offset);
          }
        }
      }
    }
    return places;
  }

  override componentDidUpdate(
    before: IPlaceKeeperProps,
    _: unknown,
    places: Places | null
  ): void {
    const scroller = this.props.scroller.current;
    if (!scroller) {
      return;
    }
    const was = before.conversation;
    const { session, exchanges } = this.props.conversation;
    const first = was.exchanges[0]?.key;
    const sameSession = was.session?.id === session?.id;
    if (sameSession && first && first !== exchanges[0]?.key) {
      this._put(scroller, first, places?.get(first));
    }
    const { wanted } = this.props;
    if (wanted === null || exchanges.length === 0) {
      return;
    }
    const target = exchanges.find(other => other.messageIds.includes(wanted));
    if (target) {
      // Another version of what was read stands where that one stood.
      const stood = sameSession
        ? undefined
        : target.versions
            .map(version => places?.get(version.message_id))
            .find(offset => offset !== undefined);
      this.props.letGo();
      this._put(scroller, target.key, stood ?? 8);
      // What comes into sight is laid out then, and may be as high as nobody guessed.
      requestAnimationFrame(() => {
        this._put(scroller, target.key, stood ?? 8);
        requestAnimationFrame(() =>
          this._put(scroller, target.key, stood ?? 8)
        );
      });
      if (stood === undefined) {
        const node = nodeOf(scroller, target.key);
        node?.classList.add('jp-mod-wanted');
        setTimeout(() => node?.classList.remove('jp-mod-wanted'), 2000);
      }
    }
    this.props.onArrived();
  }

  override render(): null {
    return null;
  }

  private _put(scroller: Element, key: string, place?: number): void {
    const node = nodeOf(scroller, key);
    if (node && place !== undefined) {
      scroller.scrollTop += offsetIn(scroller, node) - place;
    }
  }
}
