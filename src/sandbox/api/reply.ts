/** An answer before it goes onto the wire. Without a body it has no content type either. */
export interface Reply {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** HubSpot's error envelope; `correlationId` is added when it is sent. */
export interface ErrorBody {
  readonly status: 'error';
  readonly message: string;
  readonly category?: string;
  readonly subCategory?: string;
  readonly context?: Readonly<Record<string, readonly string[]>>;
  readonly errors?: readonly ErrorDetail[];
  readonly links?: Readonly<Record<string, string>>;
  readonly errorType?: string;
  readonly policyName?: string;
}

export interface ErrorDetail {
  readonly message: string;
  readonly code?: string;
  readonly in?: string;
  readonly subCategory?: string;
  readonly context?: Readonly<Record<string, readonly string[]>>;
}

export function reply(status: number, body?: unknown): Reply {
  return { status, body };
}

export function errorReply(status: number, body: Omit<ErrorBody, 'status'>, headers?: Reply['headers']): Reply {
  return { status, body: { status: 'error', ...body } satisfies ErrorBody, ...(headers && { headers }) };
}

export function validationError(message: string, rest: Partial<ErrorBody> = {}): Reply {
  return errorReply(400, { message, ...rest, category: 'VALIDATION_ERROR' });
}

export function notFound(message: string, rest: Partial<ErrorBody> = {}): Reply {
  return errorReply(404, { message, ...rest, category: 'OBJECT_NOT_FOUND' });
}

/** Thrown where a request cannot be worked on; the pipeline sends its reply. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly reply: Reply;

  constructor(refused: Reply) {
    super(`refused with status ${refused.status}`);
    this.reply = refused;
  }
}
