import { useEffect, useState } from 'react';
import { useTools } from '../../tools/context';
import type { IReached } from '../../turns/words';
import type { IExchange } from '../model';

/** The budget that ended a turn of the history, read of its log; null as long as it is not known. */
export function useReached(exchange: IExchange): IReached | null {
  const { client } = useTools();
  const [found, setFound] = useState<IReached | null>(null);
  const { turnId, stopReason, reached } = exchange;
  const wanted = stopReason === 'budget' && reached === null ? turnId : null;
  useEffect(() => {
    if (!wanted) {
      return;
    }
    let gone = false;
    const read = async () => {
      const { reachedBy } = await import('../../turns/reached');
      const read = await reachedBy(client, await client.getTurn(wanted));
      if (!gone) {
        setFound(read);
      }
    };
    read().catch((error: unknown) =>
      // That it was a budget is said all the same.
      console.warn('jupyterlab-agent: a budget cannot be read', error)
    );
    return () => {
      gone = true;
    };
  }, [client, wanted]);
  return reached ?? found;
}
