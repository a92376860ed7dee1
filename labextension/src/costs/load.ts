import { useCallback, useEffect, useRef, useState } from 'react';
import { UnreachableError } from '../api/errors';
import { useCosts } from './context';

export interface ILoaded<T> {
  /** The newest that there is: while something else is loaded, what was there before. */
  data: T | null;
  /** What `data` is of: another than the key that was asked for while that is loaded. */
  key: string | null;
  error: unknown;
  busy: boolean;
  reload: () => void;
  /** Puts this in place of what was loaded. */
  replace: (data: T) => void;
}

/**
 * Loads something when the key changes, and again when somebody wants it or the server is back.
 *
 * @param key - what it is that is loaded; null for nothing yet.
 */
export function useLoad<T>(
  key: string | null,
  load: (signal: AbortSignal) => Promise<T>
): ILoaded<T> {
  const { activity } = useCosts();
  const [state, setState] = useState<{
    data: T | null;
    key: string | null;
    error: unknown;
    /** What was asked for last that has an answer. */
    answered: string | null;
  }>({ data: null, key: null, error: null, answered: null });
  const [round, setRound] = useState(0);
  const asked = key === null ? null : `${round} ${key}`;
  const loader = useRef(load);
  useEffect(() => {
    loader.current = load;
  });
  useEffect(() => {
    if (key === null) {
      return;
    }
    const gone = new AbortController();
    loader
      .current(gone.signal)
      .then(data => {
        if (!gone.signal.aborted) {
          setState({ data, key, error: null, answered: asked });
        }
      })
      .catch((error: unknown) => {
        if (!gone.signal.aborted) {
          setState(before => ({ ...before, error, answered: asked }));
        }
      });
    return () => gone.abort();
  }, [asked, key]);

  const unreachable = state.error instanceof UnreachableError;
  const reload = useCallback(() => setRound(before => before + 1), []);
  useEffect(() => {
    if (!unreachable) {
      return;
    }
    const back = () => {
      if (activity.state !== 'offline') {
        reload();
      }
    };
    activity.changed.connect(back);
    window.addEventListener('online', back);
    return () => {
      activity.changed.disconnect(back);
      window.removeEventListener('online', back);
    };
  }, [activity, reload, unreachable]);
  const replace = useCallback(
    (data: T) => setState(before => ({ ...before, data, error: null })),
    []
  );
  const { data, error } = state;
  return {
    data,
    key: state.key,
    error,
    busy: asked !== state.answered,
    reload,
    replace
  };
}

/** Whether an element was on the screen, or nearly. */
export function useSeen<T extends Element>(): [React.RefObject<T>, boolean] {
  const ref = useRef<T>(null);
  const [seen, setSeen] = useState(false);
  useEffect(() => {
    if (seen || !ref.current) {
      return;
    }
    const observer = new IntersectionObserver(
      entries => {
        if (entries.some(entry => entry.isIntersecting)) {
          setSeen(true);
        }
      },
      { rootMargin: '80px' }
    );
    observer.observe(ref.current);
    return () => observer.disconnect();
  }, [seen]);
  return [ref, seen];
}
