import {
  createContext,
  useContext,
  useEffect,
  useState,
  type RefObject
} from 'react';
import { DrawQueue } from '../drawing';

/** Tells when something comes near to what is seen; the result ends it. */
export type WatchNear = (node: Element, onNear: () => void) => () => void;

/** Of what the reader may soon see; without one everything is near. */
export const NearContext = createContext<{
  watch: WatchNear | null;
  queue: DrawQueue;
}>({ watch: null, queue: new DrawQueue() });

/**
 * Watches inside a scrolling node.
 *
 * @returns the watch, and what ends all of it.
 */
export function watchInside(root: Element): [WatchNear, () => void] {
  const waiting = new Map<Element, () => void>();
  const observer = new IntersectionObserver(
    entries => {
      // From the top: what is asked for last is drawn first, and reading begins at the end.
      for (const { isIntersecting, target } of entries) {
        if (isIntersecting) {
          waiting.get(target)?.();
          waiting.delete(target);
          observer.unobserve(target);
        }
      }
    },
    { root, rootMargin: '100% 0px' }
  );
  return [
    (node, onNear) => {
      waiting.set(node, onNear);
      observer.observe(node);
      return () => {
        waiting.delete(node);
        observer.unobserve(node);
      };
    },
    () => observer.disconnect()
  ];
}

/** Whether it is, or was, near to what is seen. */
export function useNear(node: RefObject<Element>, already: boolean): boolean {
  const { watch } = useContext(NearContext);
  const [near, setNear] = useState(already);
  useEffect(
    () =>
      near || !watch ? undefined : watch(node.current!, () => setNear(true)),
    [near, node, watch]
  );
  return near || already;
}
