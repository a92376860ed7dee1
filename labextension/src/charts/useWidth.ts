import { useEffect, useRef, useState } from 'react';

/** How wide an element is, as long as it is there; 0 before it was measured. */
export function useWidth<T extends Element>(): [React.RefObject<T>, number] {
  const ref = useRef<T>(null);
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const element = ref.current;
    if (!element) {
      return;
    }
    const observer = new ResizeObserver(([entry]) =>
      setWidth(Math.round(entry!.contentRect.width))
    );
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return [ref, width];
}
