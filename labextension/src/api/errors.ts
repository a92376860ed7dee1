/** An answer of the server that is not a success. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly details: Record<string, unknown> = {},
    readonly retryAfterMs: number = 0
  ) {
    super(message);
    this.name = 'ApiError';
  }
}

/** The request got no answer: no network, or no server. Whether it arrived is not known. */
export class UnreachableError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UnreachableError';
  }
}

/** The error that a failed answer stands for, also where a proxy answered instead of the server. */
export async function readError(response: Response): Promise<ApiError> {
  const retryAfter = Number(response.headers.get('Retry-After') ?? 0);
  const retryAfterMs = Number.isFinite(retryAfter) ? retryAfter * 1000 : 0;
  const text = await response.text().catch(() => '');
  try {
    const { error } = JSON.parse(text) as {
      error: {
        code: string;
        message: string;
        details?: Record<string, unknown>;
      };
    };
    return new ApiError(
      response.status,
      error.code,
      error.message,
      error.details,
      retryAfterMs
    );
  } catch {
    return new ApiError(
      response.status,
      response.status >= 500 ? 'unavailable' : 'bad_response',
      `${response.status} ${response.statusText}`.trim(),
      {},
      retryAfterMs
    );
  }
}
