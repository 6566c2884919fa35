/** What the transport tells whoever listens: for logs and progress. Paths and reasons hold no personal data. */
export type HubSpotEvent =
  /** One answered attempt. */
  | {
      readonly kind: 'call';
      readonly method: string;
      readonly path: string;
      readonly status: number;
      readonly durationMs: number;
      readonly correlationId?: string;
    }
  /** An attempt that failed and will be made again after `waitMs`. */
  | {
      readonly kind: 'retry';
      readonly method: string;
      readonly path: string;
      readonly reason: string;
      readonly attempt: number;
      readonly waitMs: number;
    }
  /** HubSpot's answers said how many requests it takes in 10 s. */
  | { readonly kind: 'burst-learnt'; readonly burstPer10s: number }
  /** HubSpot refused a batch as a whole; it is sent again in halves. */
  | { readonly kind: 'batch-split'; readonly records: number; readonly reason: string };

export type HubSpotListener = (event: HubSpotEvent) => void;
