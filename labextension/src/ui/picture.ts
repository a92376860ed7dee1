import { useEffect, useState } from 'react';
import type { AgentClient } from '../api/client';

/** A picture as the page shows it. */
export interface IShownPicture {
  /** Null while it is loaded, and where it cannot be. */
  url: string | null;
  failed: boolean;
}

/** Address of a stored picture for the page. */
export function useBlobPicture(
  client: AgentClient,
  blobId: string | null
): IShownPicture {
  const [loaded, setLoaded] = useState<{
    blobId: string;
    url: string | null;
  } | null>(null);
  useEffect(() => {
    if (!blobId) {
      return;
    }
    let url: string | null = null;
    let gone = false;
    client
      .getBlob(blobId)
      .then(blob => {
        if (!gone) {
          url = URL.createObjectURL(blob);
          setLoaded({ blobId, url });
        }
      })
      .catch(() => {
        if (!gone) {
          setLoaded({ blobId, url: null });
        }
      });
    return () => {
      gone = true;
      if (url) {
        URL.revokeObjectURL(url);
      }
    };
  }, [blobId, client]);
  return loaded && loaded.blobId === blobId
    ? { url: loaded.url, failed: loaded.url === null }
    : { url: null, failed: false };
}
