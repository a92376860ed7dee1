/** What a turn's log says of a budget that ended it. */
import { parseEventStream } from '../api/sse';
import { record } from '../api/read';
import type { IAgentClient } from '../tokens';
import { readReached, type IReached } from './words';

/**
 * The budget that ended a turn, of its last event; null where none did.
 *
 * @throws ApiError; UnreachableError.
 */
export async function reachedBy(
  client: IAgentClient,
  turn: { id: string; event_count: number }
): Promise<IReached | null> {
  const abort = new AbortController();
  const response = await client.turnEvents(
    turn.id,
    turn.event_count > 1 ? turn.event_count - 2 : null,
    abort.signal
  );
  if (!response.ok || !response.body) {
    return null;
  }
  try {
    for await (const event of parseEventStream(response.body)) {
      if (event.event === 'turn_finished') {
        return readReached(record(JSON.parse(event.data)).budget);
      }
    }
    return null;
  } finally {
    abort.abort();
  }
}
